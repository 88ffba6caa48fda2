{#- The distinct snapshot dates in a relation, sorted, each as YYYY-MM-DD. -#}
{%- macro dates_in(relation) -%}
    {%- set rows = run_query('select distinct snapshot_date from ' ~ relation ~ ' order by snapshot_date').rows -%}
    {{- return(rows | map(attribute=0) | map('string') | list) -}}
{%- endmacro -%}
