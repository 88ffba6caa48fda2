{#- Whether an incremental model compares its rows with those of its table. In a build with --empty it does not, because
    the model has no rows there and every row of the table would become a tombstone. Unit tests compare even with --empty,
    because they have rows of their own. -#}
{%- macro compares_with_table() -%}
    {{- return(is_incremental() and not (flags.EMPTY and model.resource_type == 'model')) -}}
{%- endmacro -%}
