"""A real PowerShell engine in the place of a lab's hosts: it runs the scripts that the product sends and writes.

`windows/` stands in for what an engine on another system lacks, only as far as our own scripts touch it; `changing/` for what changes a
forest, with the parameters, refusals and questions of Windows. Its parameter sets are those that Microsoft publishes: they stand with their
pages in tests/engine/published.toml. `world/` describes a host of a scenario to it. What passes here can still fail on Windows; what fails
here is worth a look in any case.
"""
