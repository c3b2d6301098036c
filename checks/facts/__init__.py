"""The typed facts of hosts, VMs, accounts and domains: one module a topic, named as in every other room.

A topic's module holds the shapes of its values and one class that declares its facts. `fact` says what a fact is, `host` puts the topics
of a host together, `snapshot` is everything that one run has read. Adding a fact touches its topic's files alone: here its declaration,
`runner/collect/hosts/TOPIC.ps1` its section, `lab/host/TOPIC.py` its answer, and their tests.

Units stand in the names (`_bytes`, `_ms`). Times are UTC. Numbers that Windows defines stay numbers where new members may appear (VM
state); they are enumerations where the set is closed, so that an unknown member is an unreadable answer.
"""
