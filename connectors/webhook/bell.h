// Wakes coroutines that wait for something to change. One thread.
#pragma once

#include <set>
#include <utility>  // before awaitable.hpp, which needs it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connectors/webhook/pace.h"

namespace nudge::connectors::webhook {

class Bell {
 public:
  explicit Bell(boost::asio::io_context& context) : context_(context) {}

  void ring() {
    for (boost::asio::steady_timer* const timer : waiting_) timer->cancel();
  }
  // Until it rings, or that time.
  boost::asio::awaitable<void> wait(TimePoint until) {
    boost::asio::steady_timer timer(context_, until);
    waiting_.insert(&timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    waiting_.erase(&timer);
  }

 private:
  boost::asio::io_context& context_;
  std::set<boost::asio::steady_timer*> waiting_;
};

}  // namespace nudge::connectors::webhook
