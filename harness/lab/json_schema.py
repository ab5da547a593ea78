"""The JSON Schema of lab files, for editors: what the models say, with the short forms and `extends`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.lab.load import NAMED_FILES
from harness.lab.plugin_section import PluginSection, section_of
from harness.lab.schema import Generator, Implementation, Lab, Switch
from harness.profile.versions import VERSION

PLUGIN_SECTIONS: Mapping[str, type[PluginSection]] = {
    "implementation": Implementation,
    "switch": Switch,
    "generator": Generator,
}
"""Sections whose keys depend on what is named in them."""

_PLACE = "#/$defs/{model}"
_FILE = {"type": "string", "description": "the file that says it, from the folder of this one"}


def lab_schema(names: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a lab file.

    It knows the implementations, switch drivers and generators that are installed, or those in ``names``, by
    the section's name. A file that extends another one need not be whole. Raises UsageError where one of them
    cannot be imported.
    """
    schema = Lab.model_json_schema(ref_template=_PLACE)
    definitions, whole = schema["$defs"], {}
    for key, base in PLUGIN_SECTIONS.items():
        known = (names or {}).get(key) or base.registry.names()
        definitions.pop(base.__name__, None)
        schema["properties"][key] = {"anyOf": [_definition(base, name, definitions) for name in known]}
        whole[key] = {"anyOf": [_required(base, name, definitions) for name in known]}
    whole["emulated"] = {"required": definitions["Emulated"].pop("required")}
    for section in definitions.values():
        for name in NAMED_FILES:
            if name in section.get("properties", {}):
                section["properties"][name] = {"anyOf": [_without_default(section, name), _FILE]}
    schema["properties"] |= {
        "version": {"const": VERSION, "description": "of the form of this file"},
        "extends": {"type": "string", "description": "another lab file, to which this one adds and changes"},
    }
    required = schema.pop("required")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Lab file of agr-lab",
        "if": {"required": ["extends"]},
        "else": {"required": required, "properties": whole},
    }


def _definition(base: type[PluginSection], name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The section that a name stands for, with that name as the only one; models go to the definitions."""
    section = section_of(base, name).model_json_schema(ref_template=_PLACE)
    for model, definition in section.pop("$defs", {}).items():
        definitions.setdefault(model, definition)
    section["properties"][base.named_by] = {"const": name}
    section["title"] = name
    definitions[f"{base.__name__}-{name}"] = section
    return {"$ref": _PLACE.format(model=f"{base.__name__}-{name}")}


def _required(base: type[PluginSection], name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """What such a section must have in a file that does not extend another one; it is taken from there."""
    required = definitions[f"{base.__name__}-{name}"].pop("required", [])
    return {"properties": {base.named_by: {"const": name}}, "required": required}


def _without_default(section: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in section["properties"][name].items() if key != "default"}
