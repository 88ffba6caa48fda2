{%- macro newest_snapshot_date() -%}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set newest = run_query('select max(snapshot_date) as newest from ' ~ this).columns[0].values()[0] -%}
    {{- return(newest | string if newest else none) -}}
{%- endmacro -%}
