"""agrconfig: reads the operator's words, asks agrd, shows the answer.

Scripts call it many times: what only some command lines need is imported where they need it, and nothing that
every call imports may import pathlib, dataclasses or typing, which take longer than all of agrconfig. (Type
checkers know that a variable TYPE_CHECKING is true for them.)
"""
