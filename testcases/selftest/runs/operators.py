"""An operator at a terminal of his own: he reads what a run asks, really changes the device, and answers."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from testcases.selftest.runs.command import AGR_LAB, LONGEST, ROOT, Done, lab_text

DEVICE = """\
import json
import os
from pathlib import Path

from harness.reference import Reference


class Device(Reference):
    settings = Path(os.environ["DEVICE_SETTINGS"])

    def __init__(self):
        super().__init__()
        self.set = {}

    def link(self, now, port, up):
        if "agr0" in self.status(now)["aggregates"]:
            for name, value in json.loads(self.settings.read_text()).items():
                if self.set.get(name) != value:
                    request = {"do": "set", "aggregate": "agr0", "variable": name, "value": value}
                    self.configure(now, request)
                    self.set[name] = value
        super().link(now, port, up)
"""
"""The reference model, which whoever writes its file of settings sets otherwise."""

LAG = "configured: [{ports: [re4, re5, re6, re7], timeout: short, activity: active, control: independent}]"

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def lab_in(folder: Path) -> Path:
    """A lab file with one LAG of a device that can be changed by hand; the device is set up as it says."""
    sample = lab_text(ROOT / "fixtures" / "labs" / "configured.yaml")
    begin, end = sample.index("  configured:"), sample.index("  pics:")
    text = f"{sample[:begin]}  {LAG}\n{sample[end:]}".replace("harness.reference:Reference", "device:Device")
    (folder / "device.py").write_text(DEVICE)
    (folder / "settings.json").write_text("{}")
    (folder / "lab.yaml").write_text(text)
    return folder / "lab.yaml"


class OnTerminal:
    """A command under way on a terminal; ``controlling``: closing it sends SIGHUP."""

    def __init__(self, folder: Path, *words: str, controlling: bool = True) -> None:
        self._folder = folder
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [AGR_LAB, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=os.environ | {"DEVICE_SETTINGS": str(folder / "settings.json"), "COLUMNS": "300"},
            preexec_fn=(lambda: os.login_tty(slave)) if controlling else os.setsid,
        )
        os.close(slave)
        self._read = b""
        self._seen = 0  # characters of `text`
        self._ends = time.monotonic() + LONGEST

    @property
    def text(self) -> str:
        """All that was shown, without control codes."""
        return CONTROL.sub("", self._read.decode(errors="replace")).replace("\r", "\n")

    def _more(self) -> bool:
        """Take in what is shown next; False when no more comes."""
        assert time.monotonic() < self._ends, f"hung:\n{self.text}"
        if select.select([self._master], [], [], 1.0)[0]:
            with suppress(OSError):
                if data := os.read(self._master, 65536):
                    self._read += data
                    return True
            return False
        return True

    def question(self) -> str:
        """The next question, which has no line end behind it."""
        while True:
            if found := re.search(r"[^\n]*\bthen press Enter \([^)\n]*\): *\Z", self.text[self._seen :]):
                self._seen = len(self.text)
                return found[0].strip()
            assert self._more(), f"it ended without a question:\n{self.text}"

    def change(self, **settings: str | int) -> None:
        """Set variables of the device."""
        path = self._folder / "settings.json"
        changed = {name.replace("_", "-"): value for name, value in settings.items()}
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(json.loads(path.read_text()) | changed))
        beside.replace(path)

    def answer(self, letters: str = "") -> None:
        """Type something, and Enter."""
        os.write(self._master, f"{letters}\n".encode())

    def hang_up(self) -> None:
        """Close the terminal."""
        os.close(self._master)
        self._master = -1

    def end(self) -> Done:
        """What it came to."""
        while self._master >= 0 and self._more():
            pass
        return Done(self.process.wait(LONGEST), self.text)

    def close(self) -> None:
        """End it, should it still run."""
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            self.hang_up()


@contextmanager
def on_terminal(folder: Path, *words: str, controlling: bool = True) -> Iterator[OnTerminal]:
    """A command on a terminal; it is gone afterwards."""
    started = OnTerminal(folder, *words, controlling=controlling)
    try:
        yield started
    finally:
        started.close()
