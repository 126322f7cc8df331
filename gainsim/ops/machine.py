"""Machine code of LLVM text, kept on disk so that the same text is compiled once.

A kept file is named by the hash of the text, the processor and the compiler; one that is damaged, or cannot be
written, is as good as none.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import llvmlite
import llvmlite.binding as llvm
from platformdirs import user_cache_path

KEPT = 200  # files; beyond, those go that were not used for longest


class Machine:
    """Compiled text, loaded and ready to be called.

    cpu, features: the processor to compile for, this one unless said
    """

    def __init__(self, text: str, cpu: str | None = None, features: str = "") -> None:
        cpu, features = (cpu, features) if cpu else _host()
        target = _target(cpu, features)
        name = hashlib.sha256("\n".join([llvmlite.__version__, cpu, features, text]).encode()).hexdigest()
        code = _read(name)
        if code is None:
            code = target.emit_object(_optimised(text, target))
            _keep(name, code)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, function: str) -> int:
        """Where a function starts."""
        return int(self._engine.get_function_address(function))


def assembly(text: str, cpu: str, features: str = "") -> str:
    """What a processor of this family is told to do, to read."""
    target = _target(cpu, features)
    return str(target.emit_assembly(_optimised(text, target)))


@cache
def _host() -> tuple[str, str]:
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _target(cpu: str, features: str) -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=2, jit=True)


def _optimised(text: str, target: llvm.TargetMachine) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    module.verify()
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(module, builder)
    return module


def _folder() -> Path:
    return user_cache_path("gainsim", appauthor=False) / "machine"


def _read(name: str) -> bytes | None:
    """The code that was kept under this name, if it is whole and ours: the hash of both stands before it."""
    with suppress(OSError):
        file = _folder() / name
        kept = file.read_bytes()
        if _ours(file.parent) and _hash(name, kept[32:]) == kept[:32]:
            os.utime(file)  # what is used stays
            return kept[32:]
    return None


def _ours(folder: Path) -> bool:
    """Whether nobody else may write into a folder that code is run from."""
    state = folder.stat()
    return os.name != "posix" or (state.st_uid == os.getuid() and not state.st_mode & 0o022)


def _hash(name: str, code: bytes) -> bytes:
    return hashlib.sha256(name.encode() + code).digest()


def _keep(name: str, code: bytes) -> None:
    """Keep code under this name, whole or not at all; drop what was not used for longest beyond `KEPT`."""
    with suppress(OSError):
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=_folder(), delete=False) as file:
            half = Path(file.name)
            file.write(_hash(name, code) + code)
        try:
            half.replace(_folder() / name)
        finally:
            half.unlink(missing_ok=True)
        files = sorted(_folder().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink()
