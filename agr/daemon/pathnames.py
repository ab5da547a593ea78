"""The words for the choice of a data path."""

CHOICES = ("auto", "bpf", "python")
VARIABLE = "AGR_DATA_PATH"
