{#- The dates are checked when a model runs and not when it is parsed, so that `dbt retry` can retry a model that failed. -#}
{%- macro snapshot_dates() -%}
    {%- set dates = var('snapshot_dates') if execute else [] -%}
    {%- if dates is string -%}
        {%- do exceptions.raise_compiler_error(
            "snapshot_dates is the string '" ~ dates ~ "': pass a list, as in --vars '{snapshot_dates: [\"2025-08-10\"]}'"
        ) -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for date in dates -%}
        {%- set name = date | string -%}
        {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', name) -%}
            {%- do exceptions.raise_compiler_error("snapshot_dates holds '" ~ name ~ "': write dates as YYYY-MM-DD") -%}
        {%- endif -%}
        {#- strptime fails on dates that do not exist, and its error names the date. -#}
        {%- do modules.datetime.datetime.strptime(name, '%Y-%m-%d') -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {%- set names = names | unique | sort -%}
    {%- if names | length > var('dates_per_statement') -%}
        {%- do exceptions.raise_compiler_error(too_many_dates('snapshot_dates names')) -%}
    {%- endif -%}
    {{- return(names) -}}
{%- endmacro -%}
