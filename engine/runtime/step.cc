#include "engine/runtime/step.h"

namespace nudge::runtime {

void encode(Encoder& out, const std::vector<Model>& models) {
  out.varint(models.size());
  for (const Model& model : models) {
    out.text(model.name);
    out.zigzag(model.version);
    out.zigzag(model.valid_from);
    out.zigzag(model.trained_until);
    out.text(model.bytes);
  }
}

bool decode(Decoder& in, std::vector<Model>& models) {
  models.resize(in.count());
  for (Model& model : models) {
    model.name = in.text();
    model.version = in.zigzag();
    model.valid_from = in.zigzag();
    model.trained_until = in.zigzag();
    model.bytes = in.text();
  }
  return in.ok();
}

void encode(Encoder& out, const Step& step) {
  out.varint(step.number);
  out.byte(static_cast<std::uint8_t>(step.kind));
  out.boolean(step.erases);
  out.zigzag(step.at);
  out.zigzag(step.watermark);
  encode(out, step.models);
}

bool decode(Decoder& in, Step& step) {
  step.number = in.varint();
  step.kind = static_cast<Step::Kind>(in.byte());
  step.erases = in.boolean();
  step.at = in.zigzag();
  step.watermark = in.zigzag();
  return decode(in, step.models) && step.kind <= Step::Kind::kLearn;
}

}  // namespace nudge::runtime
