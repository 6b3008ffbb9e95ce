resource "aws_cloudfront_origin_request_policy" "host" {
  name = "host"
  cookies_config {
    cookie_behavior = "none"
  }
  headers_config {
    header_behavior = "whitelist"
    headers {
      items = ["host", "Origin"]
    }
  }
  query_strings_config {
    query_string_behavior = "none"
  }
}

output "host_id" {
  value = aws_cloudfront_origin_request_policy.host.id
}
