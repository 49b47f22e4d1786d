package peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the job needs of a record of `transactions` or `page_views`. */
public final class Event {
  private static final JsonFactory JSON = new JsonFactory();

  public String customer;
  public long time;
  public boolean isSale;
  public double amount;

  static Event parse(byte[] json) {
    Event event = new Event();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.getCurrentName();
        parser.nextToken();
        switch (name) {
          case "customer_id" -> event.customer = parser.getText();
          case "event_time" -> event.time = parser.getLongValue();
          case "kind" -> event.isSale = parser.getText().equals("sale");
          case "lines" -> event.amount = amountOf(parser);
          default -> parser.skipChildren();
        }
      }
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    return event;
  }

  private static double amountOf(JsonParser parser) throws IOException {
    double amount = 0;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      double quantity = 0;
      double price = 0;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.getCurrentName();
        parser.nextToken();
        switch (name) {
          case "quantity" -> quantity = parser.getDoubleValue();
          case "unit_price" -> price = parser.getDoubleValue();
          default -> parser.skipChildren();
        }
      }
      amount += quantity * price;
    }
    return amount;
  }
}
