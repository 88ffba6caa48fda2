"""All that ships to Lambda: events, rules, Stage 2, dbt runs and exports."""
