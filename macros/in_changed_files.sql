{#- A predicate that holds for the files that were added, changed or deleted since the last run (see in_files). Without the
    var changed_files it holds for all files. column: the name of the column with a file's "$path". -#}
{%- macro in_changed_files(column) -%}
    {{- in_files(var('changed_files'), column) -}}
{%- endmacro -%}
