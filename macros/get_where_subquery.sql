{#- A test's own `where` must contain neither the dates nor the files, because dbt parses it once and reuses it in later
    runs. -#}
{%- macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- if tested and 'snapshot_date' in tested.columns and snapshot_dates() -%}
        {%- set rest = config.get('where') -%}
        {%- set filtered -%}
            (
                select * from {{ relation }}
                where
                    {{ in_scope('snapshot_date') }}
                    {%- if tested.config.meta.get('confined_to_changed_files') %}
                    and {{ in_changed_files('source_file') }}
                    {%- endif %}
                    {%- if rest %}
                    and ({{ rest }})
                    {%- endif %}
            ) as rows_of_this_run
        {%- endset -%}
        {{- return(filtered) -}}
    {%- endif -%}
    {{- return(dbt.default__get_where_subquery(relation)) -}}
{%- endmacro -%}
