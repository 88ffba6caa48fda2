{#- Unit tests compare even with --empty, because they have rows of their own. -#}
{%- macro compares_with_table() -%}
    {{- return(is_incremental() and not (flags.EMPTY and model.resource_type == 'model')) -}}
{%- endmacro -%}
