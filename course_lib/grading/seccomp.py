"""The system calls that an answer may not make, as a program for the kernel (seccomp filter mode).

The sandbox's namespaces and mounts already take almost everything away. This list closes what they leave
open: the teacher's keyrings, and parts of the kernel that no answer needs and in which errors were found
again and again (io_uring, userfaultfd, bpf, new mounts, other processes' memory). bubblewrap loads the
program (`--seccomp FD`). The program is data: instructions of eight bytes, written by `program`. No library
is needed.

How the lists are made: a call is refused (EPERM) if an ordinary answer never makes it. A call that the lists
do not know, because it is newer than they are, does not exist (ENOSYS), so a newer kernel opens nothing.
`clone3` does not exist, too, because its flags cannot be looked at; the C library then uses `clone`, whose
flags for new namespaces are refused. Calls of another architecture (32 bits) end the process.

References
----------
Linux, Documentation/userspace-api/seccomp_filter.rst; linux/filter.h (the instructions), linux/seccomp.h (the
return values), asm/unistd_64.h and asm-generic/unistd.h (the numbers, Linux 6.12).
"""

import errno
import os
import platform
import struct
from typing import NamedTuple


class Machine(NamedTuple):
    """What differs between processors."""

    audit: int  # AUDIT_ARCH_... of linux/audit.h
    column: int  # of `REFUSED`
    newest: int  # the last number that the lists know: mseal in Linux 6.10


MACHINES = {"x86_64": Machine(0xC000003E, 0, 462), "aarch64": Machine(0xC00000B7, 1, 462)}

# name: (number on x86_64, number on aarch64); None where the call does not exist
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the keyrings of the user who grades
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # parts of the kernel that no answer needs
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "memfd_secret": (447, 447),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "lsm_get_self_attr": (459, 459),
    "lsm_set_self_attr": (460, 460),
    "lsm_list_modules": (461, 461),
    "map_shadow_stack": (453, 453),
    "remap_file_pages": (216, 234),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "personality": (135, 92),
    "syslog": (103, 116),
    "cachestat": (451, 451),
    # files that were not opened by their path
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "unshare": (272, 97),
    "setns": (308, 268),
    # the machine as a whole
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "nfsservctl": (180, 42),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    "ustat": (136, None),
    "sysfs": (139, None),
}
ABSENT = {"clone3": (435, 435)}
CLONE, SOCKET, SOCKETPAIR, IOCTL = (56, 220), (41, 198), (53, 199), (16, 29)
NAMESPACES = 0x7E020080  # CLONE_NEW... of linux/sched.h, all eight of them
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6; not AF_NETLINK, AF_VSOCK, AF_ALG, AF_PACKET ...
TERMINAL = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX put text into the grader's terminal

# linux/filter.h: load a word of the call's data, compare, return
LOAD, EQUAL, ABOVE, SHARED, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24  # where the words are, struct seccomp_data
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000  # linux/seccomp.h


def program(machine: str = platform.machine()) -> bytes | None:
    """Return the filter for bubblewrap's option `--seccomp`.

    Parameters
    ----------
    machine : str
        The processor, as `platform.machine` names it.

    Returns
    -------
    bytes or None
        The instructions; None for a processor that is not in `MACHINES`.

    Examples
    --------
    >>> len(program("x86_64")) % 8, program("s390x") is None
    (0, True)
    """
    if machine not in MACHINES:
        return None
    audit, column, newest = MACHINES[machine]
    refuse, absent = _end(ERROR | errno.EPERM), _end(ERROR | errno.ENOSYS)
    code = [
        _step(LOAD, ARCHITECTURE),
        *_if(EQUAL, audit, [], otherwise=[_end(KILL)]),
        _step(LOAD, NUMBER),
        *_if(ABOVE, newest, [absent]),  # also the calls of x32, which have bit 30
    ]
    for name, numbers in {**REFUSED, **ABSENT}.items():
        if (number := numbers[column]) is not None:
            code += _if(EQUAL, number, [absent if name in ABSENT else refuse])
    code += _if(EQUAL, CLONE[column], [_step(LOAD, FIRST), *_if(SHARED, NAMESPACES, [refuse]), _end(ALLOW)])
    for call in (SOCKET, SOCKETPAIR):
        known = [step for family in FAMILIES for step in _if(EQUAL, family, [_end(ALLOW)])]
        code += _if(EQUAL, call[column], [_step(LOAD, FIRST), *known, _end(ERROR | errno.EAFNOSUPPORT)])
    asked = [step for request in TERMINAL for step in _if(EQUAL, request, [refuse])]
    code += _if(EQUAL, IOCTL[column], [_step(LOAD, SECOND), *asked, _end(ALLOW)])
    return b"".join([*code, _end(ALLOW)])


def _step(operation: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    # struct sock_filter: operation, two distances to jump, a value
    return struct.pack("=HBBI", operation, then, otherwise, value)


def _end(value: int) -> bytes:
    return _step(RETURN, value)


def _if(test: int, value: int, then: list[bytes], otherwise: list[bytes] | None = None) -> list[bytes]:
    """Do `then` if the loaded word passes the test, and `otherwise` if it does not."""
    if otherwise:  # used with an empty `then` only
        return [_step(test, value, len(otherwise), 0), *otherwise]
    return [_step(test, value, 0, len(then)), *then]


def number(name: str, machine: str = platform.machine()) -> int | None:
    """Return the number of one of the refused calls, or None."""
    return REFUSED[name][MACHINES[machine].column] if machine in MACHINES else None


def opened(machine: str = platform.machine()) -> int | None:
    """Return a file descriptor from which bubblewrap can read the filter, or None for a processor that is not
    in `MACHINES`. The caller closes it."""
    filter = program(machine)
    if filter is None:
        return None
    receive, send = os.pipe()
    os.write(send, filter)  # a pipe holds 64 KiB, the filter has 1 KiB
    os.close(send)
    return receive
