"""Sections whose keys are brought by the class that they name: an implementation, a switch, a generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator

from harness.lab.section import Mistake, Section, section_error, show
from harness.registry import Registry
from harness.verdict import UsageError


class PluginSection(Section):
    """What every section of its kind has; the class that is named brings a subclass, as its ``section``.

    ``named_by`` is the key that has the name, and ``registry`` where names are looked up.
    """

    registry: ClassVar[Registry]
    named_by: ClassVar[str]

    @classmethod
    def unknown_key(cls, key: str, data: Mapping[str, Any]) -> str:
        """Also says of a key who else has it."""
        name = data.get(cls.named_by)
        base = next(parent for parent in cls.__mro__ if PluginSection in parent.__bases__)
        others = [other for other in cls.registry.names() if other != name and key in _keys(base, other)]
        if others and isinstance(name, str):
            return f"only {' and '.join(others)} {'have' if others[1:] else 'has'} this key, not {name}"
        return super().unknown_key(key, data)


def section_of(base: type[PluginSection], name: str) -> type[PluginSection]:
    """The section that the class of this name brings. Raises UsageError that says what is wrong with it."""
    found = base.registry.find(name)
    section = getattr(found, "section", None)
    if not (isinstance(section, type) and issubclass(section, base)):
        words = f"{base.__module__}.{base.__name__}"
        raise UsageError(f"the {base.registry.noun} {name} has no `section` that is a subclass of {words}")
    return section


def chosen_by_name(base: type[PluginSection]) -> WrapValidator:
    """The validator of a field that is such a section: the class named in it says which keys it has."""

    def choose(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        default = base.model_fields[base.named_by]
        if not isinstance(value, dict) or (base.named_by not in value and default.is_required()):
            return handler(value)
        name = value.get(base.named_by, default.default)
        try:
            if not isinstance(name, str):
                raise UsageError(f"{show(name)} {base.registry.unknown(str(name))}")
            section = section_of(base, name)
        except UsageError as error:
            found = [Mistake((base.named_by,), str(error)), *_of_the_rest(base, value, info)]
            raise section_error(found, value) from None
        return section.model_validate(value, context=info.context)

    return WrapValidator(choose)


def _of_the_rest(base: type[PluginSection], value: Mapping[str, Any], info: ValidationInfo) -> list[Mistake]:
    """What is wrong with the keys that every section of the kind has, where nobody knows the others."""
    known = {info.alias or key for key, info in base.model_fields.items()}
    try:
        base.model_validate({key: value[key] for key in value if key in known}, context=info.context)
    except ValidationError as error:
        found = [Mistake(tuple(detail["loc"]), detail["msg"]) for detail in error.errors()]
        return [mistake for mistake in found if mistake.key != (base.named_by,)]
    return []


def _keys(base: type[PluginSection], name: str) -> set[str]:
    """The keys of the section that this name stands for; none where it cannot be had."""
    try:
        fields = section_of(base, name).model_fields
    except UsageError:
        return set()
    return {info.alias or key for key, info in fields.items()}
