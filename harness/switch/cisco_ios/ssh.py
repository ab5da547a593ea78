"""The switch's command line over SSH."""

from __future__ import annotations

import base64
import socket
import threading

import paramiko
from paramiko.pkey import UnknownKeyType

from harness.lab.schema import Ssh
from harness.net.packet_socket import in_namespace
from harness.switch.access import Access
from harness.switch.cisco_ios.channel import SshLine
from harness.switch.cisco_ios.session import IosSession
from harness.switch.transcript import Transcript
from harness.verdict import BenchError


class SshSession(IosSession):
    """A session over SSH; see `IosSession`."""

    outlives_reload = False

    def __init__(self, ssh: Ssh, access: Access, transcript: Transcript) -> None:
        address = f"switch, SSH {access.username}@{ssh.host}:{ssh.port}"
        super().__init__(access, address, transcript, ssh.host, ssh.port)
        self._ssh = ssh
        self._client: paramiko.SSHClient | None = None

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """Connect, authenticate and open a shell, within ``access.timeout`` for each."""
        self._client = self._build_ssh_client()
        self._expect_host_key(self._client)
        parameters = self._connect_params_dict()
        parameters["sock"] = self._connect()
        shell = self._authenticated_shell(self._client, parameters, width, height)
        shell.settimeout(self.access.timeout)
        self.remote_conn = shell
        self.channel = SshLine(shell, self.transcript)
        self.transcript.note(f"connected to {self._ssh.host}:{self._ssh.port} as {self.access.username}")

    def access_end(self) -> None:
        """Close the connection."""
        self.remote_conn = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> socket.socket:
        where, seconds = (self._ssh.host, self._ssh.port), self.within(self.access.timeout)
        try:
            return in_namespace(self._ssh.namespace, lambda: socket.create_connection(where, timeout=seconds))
        except TimeoutError:
            raise self._error(
                f"no answer within {seconds:g} s; is the address right, and the switch up?"
            ) from None
        except ConnectionRefusedError:
            raise self._error(
                "connection refused; is SSH enabled on the switch (`ip ssh`, `line vty`)?"
            ) from None
        except socket.gaierror as error:
            raise self._error(f"no such host ({error.strerror})") from None
        except OSError as error:
            raise self._error(f"cannot connect: {error.strerror}") from None

    def _authenticated_shell(
        self, client: paramiko.SSHClient, parameters: dict[str, object], width: int, height: int
    ) -> paramiko.Channel:
        """A shell. A watchdog ends it where paramiko itself would wait without a limit."""
        watchdog = threading.Timer(self.within(3 * self.access.timeout), client.close)
        watchdog.daemon = True
        watchdog.start()
        try:
            client.connect(**parameters)  # type: ignore[arg-type]
            return client.invoke_shell(term="vt100", width=width, height=height)
        except paramiko.BadHostKeyException as error:
            raise self._error(
                f"another host key than switch.ssh.host_key: {error.key.get_name()} {error.key.get_base64()}"
            ) from None
        except paramiko.PasswordRequiredException:
            raise self._error(
                f"the key {self.access.key_file} has a pass phrase; load it into an agent"
            ) from None
        except paramiko.AuthenticationException as error:
            if "timeout" in str(error).lower():
                raise self._error(f"no answer to the login within {self.access.timeout:g} s") from None
            raise self._error(
                f"user name or password refused ({error}); they come from {self.access.where}, "
                f"{self.access.prefix}_USERNAME and {self.access.prefix}_PASSWORD set others"
            ) from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            words = str(error) or "the connection was closed"
            raise self._error(f"the connection is there, but no SSH session comes about: {words}") from None
        finally:
            watchdog.cancel()

    def _expect_host_key(self, client: paramiko.SSHClient) -> None:
        """Only the lab file's host key is taken, where it names one."""
        if self._ssh.host_key is None:
            return
        try:
            kind, data = self._ssh.host_key.split()[:2]
            key = paramiko.PKey.from_type_string(kind, base64.b64decode(data, validate=True))
        except (ValueError, paramiko.SSHException, UnknownKeyType):
            raise BenchError("switch.ssh.host_key: is no host key such as `ssh-ed25519 AAAA...`") from None
        name = self._ssh.host if self._ssh.port == 22 else f"[{self._ssh.host}]:{self._ssh.port}"
        client.get_host_keys().add(name, kind, key)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())

    def _error(self, words: str) -> BenchError:
        self.transcript.note(words)
        return BenchError(f"{self.address}: {words}")
