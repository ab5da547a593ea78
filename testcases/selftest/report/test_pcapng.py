"""Captures: what was put in is what Wireshark's and scapy's readers find."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.utils import RawPcapNgReader

from harness.report.pcapng import Frame, Interface, write_pcapng

LACPDU = bytes.fromhex("0180c2000002 020000000001 8809 01") + bytes(109)
START = 1_777_863_721_123_456_789  # ns, 2026-05-04


def read(path: Path) -> list[tuple[int, bytes, int, bytes | None]]:
    """Time in ns, octets, direction (1 in, 2 out) and interface name of each frame, by scapy."""
    with RawPcapNgReader(str(path)) as reader:
        return [
            ((meta.tshigh << 32) + meta.tslow, data, meta.direction, meta.ifname) for data, meta in reader
        ]


def test_scapy_reads_back_times_directions_and_names(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "w4.pcapng"
    frames = [
        Frame(START + 5, LACPDU, False, 1),
        Frame(START, LACPDU[:61], True),
    ]
    write_pcapng(path, ["tp4", Interface("re4", "host's own port")], frames)
    assert read(path) == [(START, LACPDU[:61], 2, b"tp4"), (START + 5, LACPDU, 1, b"re4")]


def test_float_seconds_keep_microseconds(tmp_path: Path) -> None:
    write_pcapng(tmp_path / "w", ["tp4"], [(START / 1e9, LACPDU, True)])
    assert abs(read(tmp_path / "w")[0][0] - START) < 500


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_every_field(tmp_path: Path) -> None:
    path = tmp_path / "w4.pcapng"
    write_pcapng(path, [Interface("tp4", "tester's port of wire w4")], [Frame(START, LACPDU, True)])
    fields = ("frame.time_epoch", "frame.interface_name", "frame.interface_description", "frame.len")
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    command += [
        word for name in (*fields, "frame.packet_flags_direction", "slow.subtype") for word in ("-e", name)
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    time, name, description, length, direction, subtype = done.stdout.strip().split("|")
    assert time == "1777863721.123456789"
    assert (name, description, length) == ("tp4", "tester's port of wire w4", "124")
    assert int(direction, 0) == 2
    assert int(subtype, 0) == 1


def test_no_frames_is_a_valid_file(tmp_path: Path) -> None:
    write_pcapng(tmp_path / "w", ["tp4"], [])
    kinds, data = [], (tmp_path / "w").read_bytes()
    while data:
        kind, length = struct.unpack_from("<II", data)
        assert struct.unpack_from("<I", data, length - 4) == (length,)
        kinds.append(kind)
        data = data[length:]
    assert kinds == [0x0A0D0D0A, 1]


@pytest.mark.parametrize(
    ("frame", "words"),
    [(Frame(START, LACPDU, True, 1), "interface 1, there are 1"), (Frame(-1, LACPDU, True), "before 1970")],
)
def test_wrong_frames_are_refused(tmp_path: Path, frame: Frame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        write_pcapng(tmp_path / "w", ["tp4"], [frame])
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 2**63), st.binary(min_size=1, max_size=70), st.booleans()), max_size=5),
    st.text(min_size=1, max_size=9),
)
def test_anything_comes_back(frames: list[tuple[int, bytes, bool]], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w"
        write_pcapng(path, [name], frames)
        found = read(path)
    expected = sorted(frames, key=lambda frame: frame[0])
    assert [(time, data, direction) for time, data, direction, _ in found] == [
        (time, data, 2 if sent else 1) for time, data, sent in expected
    ]
    assert all(read_name == name.encode() for *_, read_name in found)
