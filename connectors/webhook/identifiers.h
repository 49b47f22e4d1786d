// E-mail addresses and phone numbers as receivers compare them. What cannot be one becomes empty.
//
// Only ASCII is put into lower case: what other letters become depends on the language.
#pragma once

#include <string>
#include <string_view>

namespace nudge::connectors::webhook {

// Without blanks around it, in lower case.
std::string normal_email(std::string_view email);
// The same, and of gmail.com and googlemail.com without the dots in front of the @, as Google asks for.
std::string google_email(std::string_view email);
// E.164: + and 8 to 15 digits. A number without + or 00 in front is one of the country, whose calling code replaces its
// trunk zero; where `country` is empty it cannot be told and becomes empty.
std::string e164_phone(std::string_view phone, std::string_view country);

// SHA-256 in lower-case hexadecimal digits; of nothing, nothing.
std::string hashed(std::string_view normal);

}  // namespace nudge::connectors::webhook
