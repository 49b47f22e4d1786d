#include "engine/runtime/cut.h"

#include <fmt/core.h>

#include <map>

#include "connectors/json_text.h"

namespace nudge::runtime {
namespace {

std::string name_of(const connectors::PartitionInfo& partition) {
  return fmt::format("{}/{}", nudge::name_of(partition.topic), partition.partition);
}

}  // namespace

void encode(Encoder& out, const Cut& cut) {
  out.varint(cut.round);
  out.zigzag(cut.watermark);
  out.zigzag(cut.bound.seen);
  out.byte(cut.bound.topic);
  out.varint(cut.bound.partition);
  out.varint(cut.bound.offset);
  out.varint(cut.horizons.size());
  for (const std::uint64_t horizon : cut.horizons) out.varint(horizon);
  out.text(cut.writer);
  out.zigzag(cut.generation);
  out.varint(cut.place);
}

bool decode(Decoder& in, Cut& cut) {
  cut.round = in.varint();
  cut.watermark = in.zigzag();
  cut.bound.seen = in.zigzag();
  cut.bound.topic = in.byte();
  cut.bound.partition = static_cast<std::uint32_t>(in.varint());
  cut.bound.offset = in.varint();
  cut.horizons.resize(in.count());
  for (std::uint64_t& horizon : cut.horizons) horizon = in.varint();
  cut.writer = in.text();
  cut.generation = in.zigzag();
  cut.place = in.varint();
  return in.ok();
}

std::string encode(const Cut& cut, const std::vector<connectors::PartitionInfo>& partitions) {
  nlohmann::ordered_json json = {
      {"round", cut.round},
      {"writer", cut.writer},
      {"watermark", cut.watermark},
      {"bound", {cut.bound.seen, cut.bound.topic, cut.bound.partition, cut.bound.offset}},
  };
  nlohmann::ordered_json& horizons = json["horizons"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < partitions.size(); ++i)
    if (cut.horizons[i] > 0) horizons[name_of(partitions[i])] = cut.horizons[i];
  return json.dump();
}

Result<Cut> decode_cut(std::string_view text, const std::vector<connectors::PartitionInfo>& partitions) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < partitions.size(); ++i) places[name_of(partitions[i])] = i;
  try {
    const auto json = connectors::parse_json(text);
    if (json.is_discarded()) return Status::bad_data("is no cut: it is no JSON");
    Cut cut;
    cut.round = json.at("round").get<std::uint64_t>();
    cut.writer = json.at("writer").get<std::string>();
    cut.watermark = json.at("watermark").get<Millis>();
    const auto& bound = json.at("bound");
    cut.bound = {bound.at(0).get<Millis>(), bound.at(1).get<std::uint8_t>(), bound.at(2).get<std::uint32_t>(),
                 bound.at(3).get<std::uint64_t>()};
    cut.horizons.assign(partitions.size(), 0);
    for (const auto& [name, horizon] : json.at("horizons").items()) {
      const auto place = places.find(name);
      if (place == places.end())
        return Status::bad_data(fmt::format("names partition {}, which the input does not have", name));
      cut.horizons[place->second] = horizon.get<std::uint64_t>();
    }
    return cut;
  } catch (const nlohmann::json::exception& problem) {
    return Status::bad_data(fmt::format("is no cut: {}", problem.what()));
  }
}

}  // namespace nudge::runtime
