{#- A predicate that holds for some files, with their addresses as literals: by these alone Athena leaves other files unread.
    files: a list of S3 addresses; none for all files. column: the name of the column with a file's "$path". -#}
{%- macro in_files(files, column) -%}
    {%- if files is none -%}
        true
    {%- elif not files -%}
        false
    {%- else -%}
        {{ column }} in ('{{ files | map('replace', "'", "''") | join("', '") }}')
    {%- endif -%}
{%- endmacro -%}
