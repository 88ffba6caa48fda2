"""The `medlaunch` command line: all commands, their options and output. It is not in the Lambda image."""
