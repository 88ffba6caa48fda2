{#- A predicate that holds for the files of the run that came, changed or went (see in_files). Without the var changed_files
    it holds for all files. column: the name of the column with a file's "$path". -#}
{%- macro in_changed_files(column) -%}
    {{- in_files(var('changed_files'), column) -}}
{%- endmacro -%}
