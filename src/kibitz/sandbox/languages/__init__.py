"""The languages there are, one module each.

Rule: a language is one file here that has a `LANGUAGE`; it is found by itself.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from kibitz.sandbox.plan import Language


@cache
def languages() -> MappingProxyType[str, Language]:
    """Every language by its name, in the order of their names."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [module.LANGUAGE for module in modules if hasattr(module, "LANGUAGE")]
    return MappingProxyType({language.name: language for language in found})
