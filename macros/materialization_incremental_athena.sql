{#- The materialization of the merge models, in place of dbt-athena's: a table that exists is changed by one MERGE that
    reads the model's own query. dbt-athena's makes a temporary table first, asks two queries for its columns' types, and
    writes Glue's description of the table again after the MERGE, which another run's commit may have changed meanwhile.
    The contract is checked when a table is created. Columns that the contract gained since then are added. -#}
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
    {#- The runner's runs leave Glue's description alone: only Iceberg's commits may change it while others write. -#}
    {%- if makes_table or not var('lease_holder') -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do adapter.expire_glue_table_versions(target_relation, 1, false) -%}
    {%- endif -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization -%}
