"""Everything that runs in Lambda: events, rules, Stage 2, dbt runs and exports."""
