"""All that ships to Lambda: events, rules, Stage 2, dbt runs, exports and the `medlaunch` command line."""
