// Which handler answers which request, by path and method.
//
// A pattern is a path whose segments may be names in braces: `/api/v1/customers/{id}/timeline`. Such a segment stands
// for anything that is not empty. Where several patterns fit, the one that was added first answers; so any folder can
// add its own. HEAD is answered by what answers GET. Built before the server starts and constant after that.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/message.h"

namespace nudge::connectors::http {

// Runs on the server's thread, which answers nobody else meanwhile: it takes milliseconds and waits for nothing. What
// it throws becomes a 500.
using Handler = std::function<Response(const Request&)>;

class Routes {
 public:
  // `method` is in capitals. A pattern and method that are already there are a bug.
  void add(std::string_view method, std::string_view pattern, Handler handler);

  // 404 where no pattern fits, 405 with Allow where none of those that fit has the method, 400 where the path cannot be
  // decoded. Fills the request's parameters.
  Response answer(Request& request) const;

 private:
  struct Route {
    std::string method, pattern;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace nudge::connectors::http
