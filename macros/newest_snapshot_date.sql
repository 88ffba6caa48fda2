{#- The newest snapshot_date in the model's table, as YYYY-MM-DD; none if the table is empty. -#}
{%- macro newest_snapshot_date() -%}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set newest = run_query('select max(snapshot_date) as newest from ' ~ this).columns[0].values()[0] -%}
    {{- return(newest | string if newest else none) -}}
{%- endmacro -%}
