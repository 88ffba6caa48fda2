{#- A predicate that holds for the files of a run's changes, with their addresses as literals; for all files in a run that
    is not confined to changed files, and where there are too many to be named.
    changes: SQL up to a CTE of that name, which has a source_file. column: the column to confine. -#}
{%- macro in_files_of(changes, column) -%}
    {%- set most_files = 500 -%}
    {%- if execute and is_incremental() and not flags.EMPTY and var('changed_files') is not none -%}
        {%- set query = changes ~ '\nselect distinct source_file from changes limit ' ~ (most_files + 1) -%}
        {%- set files = run_query(query).columns[0].values() | list -%}
        {%- if not files -%}
            {{- return('false') -}}
        {%- elif files | length <= most_files -%}
            {%- set literals = files | map('replace', "'", "''") | join("', '") -%}
            {{- return(column ~ " in ('" ~ literals ~ "')") -}}
        {%- endif -%}
    {%- endif -%}
    {{- return('true') -}}
{%- endmacro -%}
