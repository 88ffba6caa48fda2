{#- A predicate that holds for the given files. It contains their URIs as literals, because only then Athena skips other files.
    files: a list of S3 URIs; none for all files. column: the name of the column with a file's "$path". -#}
{%- macro in_files(files, column) -%}
    {%- if files is none -%}
        true
    {%- elif not files -%}
        false
    {%- else -%}
        {{ column }} in ('{{ files | map('replace', "'", "''") | join("', '") }}')
    {%- endif -%}
{%- endmacro -%}
