// nudge fit-net: trains one back-propagation net on a table and writes its weights after every epoch.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "connectors/files/csv_table.h"
#include "connectors/json_text.h"
#include "engine/json_writer.h"
#include "engine/log.h"
#include "operators/scores/network.h"
#include "tools/nudge/command.h"

namespace nudge::program {
namespace {

using connectors::CsvTable;
using scores::Network;
using scores::NetworkLayer;

struct FitNetChoices {
  std::string data, target, init, output;
  std::optional<std::size_t> hidden;
  double rate = 0.01, momentum = 0.9;
  std::size_t epochs = 100;
  std::uint64_t seed = 1;
};

struct Rows {
  std::size_t inputs = 0;
  std::vector<double> values, targets;  // row-major
  std::span<const double> row(std::size_t index) const { return std::span(values).subspan(index * inputs, inputs); }
};

Result<Rows> read_rows(const FitNetChoices& choices) {
  NUDGE_ASSIGN(const CsvTable table, CsvTable::read(choices.data));
  NUDGE_ASSIGN(const std::size_t target, table.required_column(choices.target, "--target"));
  if (table.columns() == 1)
    return Status::bad_data(choices.data + ":1: has the target alone; every other column is an input, at least one");
  if (table.rows() == 0) return Status::bad_data(choices.data + ": has no rows behind its header");
  Rows rows{.inputs = table.columns() - 1, .values = {}, .targets = {}};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t column = 0; column < table.columns(); ++column) {
      const auto number = connectors::number_of_cell(table.cell(row, column));
      if (!number)
        return Status::bad_data(fmt::format("{}: \"{}\" is no number; the net needs a number in every cell",
                                            table.place(row, column), table.cell(row, column)));
      (column == target ? rows.targets : rows.values).push_back(*number);
    }
  }
  return rows;
}

// The numbers of a JSON array of exactly so many.
bool read_numbers(const nlohmann::json& array, std::size_t count, double* out) {
  if (!array.is_array() || array.size() != count) return false;
  for (const auto& number : array) {
    if (!number.is_number()) return false;
    *out++ = number.get<double>();
  }
  return true;
}

bool read_layer(const nlohmann::json& json, NetworkLayer& layer) {
  const auto weights = json.find("weights"), bias = json.find("bias");
  if (weights == json.end() || bias == json.end()) return false;
  if (!weights->is_array() || weights->size() != layer.inputs) return false;
  for (std::size_t i = 0; i < layer.inputs; ++i)
    if (!read_numbers((*weights)[i], layer.outputs, layer.weights.data() + i * layer.outputs)) return false;
  return read_numbers(*bias, layer.outputs, layer.bias.data());
}

// Layers of the shape of `layers`, from a file.
Status read_layers(const std::string& path, std::vector<NetworkLayer>& layers) {
  std::ifstream file(path, std::ios::binary);
  const auto json = connectors::parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!file.is_open() || file.bad()) return Status::io(path + ": cannot be read; name a file");
  if (json.is_discarded() || !json.is_object() || !json.contains("layers") || !json["layers"].is_array())
    return Status::bad_data(path + ": is no JSON object {\"layers\": [{\"weights\", \"bias\"}, …]}");
  if (json["layers"].size() != layers.size())
    return Status::bad_data(fmt::format("{}: layers: has {}, the net {}: the hidden one and the output", path,
                                        json["layers"].size(), layers.size()));
  for (std::size_t place = 0; place < layers.size(); ++place) {
    NetworkLayer& layer = layers[place];
    if (!json["layers"][place].is_object() || !read_layer(json["layers"][place], layer))
      return Status::bad_data(
          fmt::format("{}: layers[{}]: weights must be {} arrays of {} numbers, one for each input, and bias one of {} "
                      "(see --hidden)",
                      path, place, layer.inputs, layer.outputs, layer.outputs));
  }
  return Status::ok();
}

// The output file; it takes its name when all is written.
class WeightsFile {
 public:
  explicit WeightsFile(const std::string& path)
      : path_(path), draft_(path + ".part"), file_(draft_, std::ios::binary | std::ios::trunc) {
    text_ = "{\"epochs\":[";
  }
  ~WeightsFile() {
    if (!done_) std::remove(draft_.c_str());
  }

  void write(std::size_t epoch, const std::vector<NetworkLayer>& layers) {
    text_ += epoch == 1 ? "\n" : ",\n";
    JsonWriter writer(text_);
    writer.begin_object();
    writer.member("epoch", static_cast<std::uint64_t>(epoch));
    writer.key("layers");
    writer.begin_array();
    for (const NetworkLayer& layer : layers) {
      writer.begin_object();
      writer.key("weights");
      writer.begin_array();
      for (std::size_t i = 0; i < layer.inputs; ++i)
        write_numbers(writer, std::span(layer.weights).subspan(i * layer.outputs, layer.outputs));
      writer.end_array();
      writer.key("bias");
      write_numbers(writer, layer.bias);
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    flush();
  }

  Status check() const {
    return file_ ? Status::ok()
                 : Status::io(path_ + ": cannot be written; check the folder, the rights and the space on the disk");
  }
  Status finish() {
    text_ += "\n]}\n";
    flush();
    file_.close();
    NUDGE_TRY(check());
    if (std::rename(draft_.c_str(), path_.c_str()) != 0)
      return Status::io(path_ + ": cannot take the place of what is there; name a file");
    done_ = true;
    return Status::ok();
  }

 private:
  static void write_numbers(JsonWriter& writer, std::span<const double> numbers) {
    writer.begin_array();
    for (const double number : numbers) writer.number(number);
    writer.end_array();
  }
  void flush() {
    file_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

  std::string path_, draft_;
  std::ofstream file_;
  std::string text_;
  bool done_ = false;
};

Status run_fit_net(const FitNetChoices& choices) {
  NUDGE_ASSIGN(const Rows rows, read_rows(choices));
  const std::size_t hidden = choices.hidden.value_or(scores::usual_hidden_units(rows.inputs, 1));
  const std::size_t sizes[] = {rows.inputs, hidden, 1};
  std::vector<NetworkLayer> layers = scores::random_layers(sizes, choices.seed);
  if (!choices.init.empty()) NUDGE_TRY(read_layers(choices.init, layers));
  Network network(std::move(layers), scores::NetworkOutput::kLinear);
  scores::BackPropagation trained(network, choices.momentum);
  WeightsFile file(choices.output);
  NUDGE_TRY(file.check());
  double loss = 0;
  for (std::size_t epoch = 1; epoch <= choices.epochs; ++epoch) {
    loss = 0;
    for (std::size_t row = 0; row < rows.targets.size(); ++row)
      loss += trained.learn(rows.row(row), std::span(rows.targets).subspan(row, 1), choices.rate);
    if (!network.is_finite() || !std::isfinite(loss))
      return Status::bad_data(
          fmt::format("{}: the weights grow without end in epoch {}; lower --rate or --momentum, or "
                      "scale the columns",
                      choices.data, epoch));
    file.write(epoch, network.layers());
    NUDGE_TRY(file.check());
  }
  NUDGE_TRY(file.finish());
  log::info("trained a net rows={} inputs={} hidden={} epochs={} mean_squared_error={:.6g} output={}",
            rows.targets.size(), rows.inputs, hidden, choices.epochs,
            2 * loss / static_cast<double>(rows.targets.size()), choices.output);
  return Status::ok();
}

}  // namespace

Run declare_fit_net(CLI::App& command) {
  auto choices = std::make_shared<FitNetChoices>();
  command.add_option("--data,-d", choices->data, "A table of numbers (.csv, .csv.zst); its rows are learnt in order")
      ->required()
      ->type_name("FILE");
  command.add_option("--target,-t", choices->target, "The column to predict; all others are inputs, as they are")
      ->required()
      ->type_name("COLUMN");
  command.add_option("--hidden", choices->hidden, "Units of the hidden layer; by default 2/3 of inputs and output")
      ->check(CLI::Range(1, 65'536))
      ->type_name("H");
  command.add_option("--rate", choices->rate, "How far a step goes down the slope")
      ->check(CLI::Range(1e-12, 1e6))
      ->type_name("ETA")
      ->capture_default_str();
  command.add_option("--momentum", choices->momentum, "The share of the last step that a step repeats")
      ->check(CLI::Range(0.0, 0.999999))
      ->type_name("MU")
      ->capture_default_str();
  command.add_option("--epochs", choices->epochs, "How often all rows are learnt")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--seed", choices->seed, "Decides the first weights")->type_name("S")->capture_default_str();
  command.add_option("--init", choices->init, "First weights instead: {\"layers\": [{\"weights\", \"bias\"}, …]}")
      ->type_name("FILE");
  command.add_option("--output,-o", choices->output, "The file for the weights after every epoch (JSON)")
      ->required()
      ->type_name("FILE");
  return [choices] { return run_fit_net(*choices); };
}

}  // namespace nudge::program
