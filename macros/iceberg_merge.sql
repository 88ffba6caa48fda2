{#- dbt-athena's iceberg_merge, with the run's dates as literals in the MERGE's ON, so that it reads and writes only
    their partitions of the target, and with at most as many dates per statement as Athena writes partitions at once.
    Oldest first, so that a run that dies between two statements leaves a table whose newest date is where the next
    run goes on. Takes and returns what dbt-athena's macro does. -#}
{%- macro iceberg_merge(
    on_schema_change,
    tmp_relation,
    target_relation,
    unique_key,
    incremental_predicates,
    existing_relation,
    delete_condition,
    update_condition,
    insert_condition,
    force_batch,
    statement_name='main'
) -%}
    {%- set most_partitions = 100 -%}
    {%- set dates = snapshot_dates() or dates_in(tmp_relation) -%}
    {%- set merged = namespace(sql="select 'no dates to merge'") -%}
    {%- for slice in dates | batch(most_partitions) -%}
        {%- set literals = "date '" ~ slice | join("', date '") ~ "'" -%}
        {%- set merged.sql = dbt.iceberg_merge(
            on_schema_change=on_schema_change,
            tmp_relation=tmp_relation,
            target_relation=target_relation,
            unique_key=unique_key,
            incremental_predicates=(incremental_predicates or []) + ['target.snapshot_date in (' ~ literals ~ ')'],
            existing_relation=existing_relation,
            delete_condition=delete_condition,
            update_condition=update_condition,
            insert_condition='(' ~ insert_condition ~ ') and src.snapshot_date in (' ~ literals ~ ')',
            force_batch=false,
            statement_name=statement_name
        ) -%}
    {%- endfor -%}
    {{- return(merged.sql) -}}
{%- endmacro -%}
