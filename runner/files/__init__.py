"""The files that a run reads and writes: plans, snapshots, results, and the folder of a run."""
