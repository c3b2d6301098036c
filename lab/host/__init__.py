"""A Hyper-V host of a scenario: the facts that a visit reads from it, in the published types.

One module a topic, named as in every other room. Each method of a topic is one section of the visit and has its name; it returns the type
that stands in the section's declaration (checks.facts), and takes the request where the answer depends on it.
"""

from __future__ import annotations

from lab.host.directory import Directory
from lab.host.guarding import Guarding
from lab.host.hardware import Hardware
from lab.host.logs import Logs
from lab.host.machines import Machines
from lab.host.migration import Migration
from lab.host.network import Network
from lab.host.people import People
from lab.host.system import System


class Host(System, Directory, People, Migration, Network, Machines, Hardware, Guarding, Logs):
    """One host of a scenario, with all its topics."""
