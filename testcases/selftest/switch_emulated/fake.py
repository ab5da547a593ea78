"""A switch without Open vSwitch: a data plane in memory, and an operator who types."""

from collections.abc import Mapping

from fixtures.switch.commands import grammars
from fixtures.switch.model import BackendError, Config, Discards, Features, LacpSide, Link, Member, Switch
from fixtures.switch.reference.load_balance import METHODS
from fixtures.switch.session import Access, Mode, Reply, Session

FEATURES = Features("MEMORY", tuple(METHODS), max_bundle=True, standalone=True)
PORTS = [f"GigabitEthernet1/0/{n}" for n in (1, 2, 3, 10)]
ACCESS = Access("admin", "let-me-in", "more")
ACTOR = LacpSide(32768, "02:00:00:00:00:01", 1, 32768, 0x101, 0x3D)
PARTNER = LacpSide(100, "02:00:00:00:00:02", 0x102, 7, 3, 0x3F)


class FakeBackend:
    """Remembers what was applied. Tests set `link_table` and `member_table`; `refuse` makes apply fail."""

    features = FEATURES

    def __init__(self) -> None:
        self.applied: list[Config] = []
        self.refuse = ""
        self.held: dict[str, bool] = {}
        self.link_table = {name: Link(True, True, 1000, True) for name in PORTS}
        self.member_table: dict[int, dict[str, Member]] = {}

    def apply(self, config: Config) -> None:
        if self.refuse:
            raise BackendError(self.refuse)
        self.applied.append(config)

    def reset(self) -> None:
        self.applied.clear()

    def hold(self, port: str, held: bool) -> None:
        self.held[port] = held

    def links(self) -> Mapping[str, Link]:
        return self.link_table

    def discards(self) -> Mapping[str, Discards]:
        return {name: Discards(number, 2) for number, name in enumerate(PORTS)}

    def members(self) -> Mapping[int, Mapping[str, Member]]:
        return self.member_table

    def version(self) -> str:
        return "Memory 1.0"


class Operator:
    """Types lines into a session and reads the answers."""

    def __init__(self, switch: Switch | None = None, line: str = "vty0") -> None:
        self.backend = FakeBackend()
        self.switch = switch or Switch(self.backend, list(PORTS))
        self.log: list[str] = []
        self.switch.on_log = self.log.append
        self.session = Session(self.switch, grammars(FEATURES), ACCESS, line, "192.0.2.9")

    def type(self, *lines: str) -> str:
        """Enters lines; what the last one answered."""
        reply = Reply()
        for line in lines:
            reply = self.session.execute(line)
        return reply.text

    def configure(self, *lines: str) -> str:
        """Enters lines in global configuration mode; what the last one answered."""
        self.session.mode = Mode.CONFIG
        return self.type(*lines)

    @property
    def config(self) -> Config:
        return self.switch.config
