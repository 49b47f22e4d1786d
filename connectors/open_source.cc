#include "connectors/open_source.h"

#include "connectors/files/source.h"
#include "connectors/kafka/source.h"

namespace nudge::connectors {

Result<std::unique_ptr<Source>> open_source(const config::Value& root, const SourceChoice& choice) {
  if (!choice.folder.empty()) return open_file_source(choice.folder);
  const config::Value& input = root.at("input");
  const std::string& connector = input.at("connector").text();
  if (connector == "kafka") return kafka::open_kafka_source(root, {.from = choice.from});
  if (connector != "files")
    return Status::config("input.connector is " + connector + ", which only `nudge demo` has; set files or kafka");
  const config::Value* const path = input.find("path");
  if (!path || path->text().empty()) return Status::config("no input folder: set input.path, or give --input DIR");
  return open_file_source(path->text());
}

}  // namespace nudge::connectors
