{#- dbt itself ignores misspelt names, so the run would take other dates than requested. -#}
{%- macro refuse_unknown_vars() -%}
    {%- if execute -%}
        {%- set given = invocation_args_dict.vars or {} -%}
        {%- for name in given if name not in var('settable_vars') -%}
            {%- do exceptions.raise_compiler_error(
                "--vars sets '" ~ name ~ "', which is not a settable var. The settable vars are " ~ var('settable_vars') | join(', ')
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
