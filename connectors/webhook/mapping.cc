#include "connectors/webhook/mapping.h"

#include "connectors/webhook/identifiers.h"
#include "engine/check.h"

namespace nudge::connectors::webhook {
namespace {

struct NamedMapping {
  std::string_view name;
  Mapping map;
};
constexpr NamedMapping kMappings[] = {
    {"standard", map_standard},
    {"braze", map_braze},
    {"klaviyo", map_klaviyo},
    {"mautic", map_mautic},
    {"google_customer_match", map_google_customer_match},
    {"meta_custom_audience", map_meta_custom_audience},
};

std::string text_of(const nlohmann::ordered_json& identifiers, const std::string& name) {
  const auto found = identifiers.find(name);
  return found != identifiers.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Identity identity_of(const nlohmann::ordered_json& identifiers, const IdentitySettings& settings) {
  return {text_of(identifiers, settings.external_id), normal_email(text_of(identifiers, settings.email)),
          e164_phone(text_of(identifiers, settings.phone), settings.phone_country),
          text_of(identifiers, settings.contact)};
}

Mapping mapping_named(std::string_view name) {
  for (const NamedMapping& known : kMappings)
    if (known.name == name) return known.map;
  NUDGE_CHECK(false, "a mapping that the configuration allows");
  return nullptr;
}

}  // namespace nudge::connectors::webhook
