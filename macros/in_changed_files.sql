{#- A predicate that holds for the files of the run that came, changed or went, with their addresses as literals: by
    these alone Athena leaves the other files of a folder unread. Without the var changed_files it holds for all files.
    column: the name of the column with a file's "$path". -#}
{%- macro in_changed_files(column) -%}
    {%- set files = var('changed_files') -%}
    {%- if files is none -%}
        true
    {%- elif not files -%}
        false
    {%- else -%}
        {%- set quoted_files = [] -%}
        {%- for file in files -%}
            {%- do quoted_files.append("'" ~ (file | replace("'", "''")) ~ "'") -%}
        {%- endfor -%}
        {{ column }} in ({{ quoted_files | join(', ') }})
    {%- endif -%}
{%- endmacro -%}
