{#- What a generic test reads: dbt's own subquery, confined to the run's dates where the tested model has a
    snapshot_date. A test's own `where` is parsed once and must not hold dates. -#}
{%- macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- if tested and 'snapshot_date' in tested.columns and snapshot_dates() -%}
        {%- set rest = config.get('where') -%}
        {%- set filtered -%}
            (
                select * from {{ relation }}
                where {{ in_scope('snapshot_date') }}{{ ' and (' ~ rest ~ ')' if rest }}
            ) as dates_of_this_run
        {%- endset -%}
        {{- return(filtered) -}}
    {%- endif -%}
    {{- return(dbt.default__get_where_subquery(relation)) -}}
{%- endmacro -%}
