{#- Fail on a var of the command line that is not in settable_vars, and name it: dbt ignores a misspelt one, and the run
    would take other dates than were asked for. -#}
{%- macro refuse_unknown_vars() -%}
    {%- if execute -%}
        {%- set given = invocation_args_dict.vars or {} -%}
        {%- for name in given if name not in var('settable_vars') -%}
            {%- do exceptions.raise_compiler_error(
                "--vars sets '" ~ name ~ "', which this project does not have: it takes " ~ var('settable_vars') | join(', ')
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
