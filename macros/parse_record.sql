{#- json_parse alone is not enough. It accepts invalid UTF-8 (as U+FFFD) and lone surrogates (which cannot be written),
    it reads 1e400 as the string "Infinity", and it fails the whole query on deep nesting. -#}
{%- macro parse_record(line, text_outside_strings) -%}
    {%- set deepest = 64 -%}
    case
        when from_utf8(to_utf8({{ line }})) <> {{ line }} then null
        when not regexp_like({{ line }}, '\A[ \t]*\{') then null
        -- after removing other escapes and complete surrogate pairs, any surrogate left is a lone one
        when
            regexp_like(
                regexp_replace({{ line }}, '\\([^u]|u[dD][89abAB]..\\u[dD][c-fC-F]..)'),
                '\\u[dD][89a-fA-F]'
            ) then null
        when regexp_like({{ text_outside_strings }}, '[0-9]{200}|[eE][+]?[0-9]{3}') then null
        -- only brackets remain here: they must be balanced, and at most {{ deepest }} levels deep
        when
            not regexp_like(
                regexp_replace(replace(replace({{ text_outside_strings }}, '{', '['), '}', ']'), '[^\[\]]'),
                '\A{{ '(?:\\[' * deepest }}{{ '\\])*' * deepest }}\z'
            ) then null
        else try(json_parse({{ line }}))
    end
{%- endmacro -%}
