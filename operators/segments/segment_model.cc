#include "operators/segments/segment_model.h"

namespace nudge::segments {
namespace {

void encode_centres(Encoder& out, const Centres& centres) {
  for (const double each : centres.values) out.real(each);
}

void decode_centres(Decoder& in, std::size_t k, std::size_t dimensions, Centres& centres) {
  centres.dimensions = dimensions;
  centres.values.resize(k * dimensions);
  for (double& each : centres.values) each = in.real();
}

}  // namespace

Nearest SegmentModel::nearest_of(std::span<const double> y, std::span<double> z) const {
  scale(scalings, y, z);
  return nearest(centres, z);
}

std::string SegmentModel::encode() const {
  std::string bytes;
  Encoder out(bytes);
  out.fixed32(segmentation);
  out.varint(scalings.size());
  for (const Scaling& scaling : scalings) {
    out.byte(static_cast<std::uint8_t>(scaling.transform));
    out.real(scaling.mean);
    out.real(scaling.sd);
  }
  out.varint(shifts.size());
  for (const std::uint8_t shift : shifts) out.byte(shift);
  out.varint(numbers.size());
  for (const std::int32_t number : numbers) out.zigzag(number);
  encode_centres(out, centres);
  out.boolean(final_means.has_value());
  if (final_means) encode_centres(out, *final_means);
  return bytes;
}

std::optional<SegmentModel> SegmentModel::decode(std::string_view bytes) {
  Decoder in(bytes);
  SegmentModel model;
  model.segmentation = in.fixed32();
  model.scalings.resize(in.count(17));
  for (Scaling& scaling : model.scalings) {
    scaling.transform = static_cast<Transform>(in.byte());
    scaling.mean = in.real();
    scaling.sd = in.real();
  }
  model.shifts.resize(in.count());
  for (std::uint8_t& shift : model.shifts) shift = in.byte();
  model.numbers.resize(in.count());
  for (std::int32_t& number : model.numbers) number = static_cast<std::int32_t>(in.zigzag());
  if (!in.ok() || model.numbers.size() * model.scalings.size() > bytes.size() / sizeof(double)) return std::nullopt;
  decode_centres(in, model.k(), model.scalings.size(), model.centres);
  if (in.boolean()) decode_centres(in, model.k(), model.scalings.size(), model.final_means.emplace());
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return model;
}

std::string segment_id(std::int32_t number) { return "s" + std::to_string(number); }

}  // namespace nudge::segments
