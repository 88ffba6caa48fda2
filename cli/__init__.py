"""The `medlaunch` command: every command, its options and what it prints. Not in the Lambda image."""
