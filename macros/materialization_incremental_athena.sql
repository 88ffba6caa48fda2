{#- dbt-athena's materialization first creates a temporary table, runs two queries for its columns' types, and rewrites
    the table in Glue after the MERGE, which can undo another run's commit. -#}
{%- materialization incremental, adapter='athena' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_relation(this) -%}
    {%- set makes_table = existing_relation is none or should_full_refresh() -%}
    {{ run_hooks(pre_hooks) }}
    {%- if makes_table -%}
        {%- if existing_relation is not none -%}
            {%- do drop_relation(existing_relation) -%}
        {%- endif -%}
        {%- do run_on_limited_partitions(create_table_as(false, target_relation, compiled_code)) -%}
    {%- else -%}
        {%- do add_new_columns(target_relation) -%}
        {%- do run_on_limited_partitions(merge_statement(target_relation, compiled_code)) -%}
    {%- endif -%}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {#- Runs of the runner do not update the table in Glue, because only Iceberg commits may change it while others write. -#}
    {%- if makes_table or not var('lease_holder') -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do adapter.expire_glue_table_versions(target_relation, 1, false) -%}
    {%- endif -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization -%}
