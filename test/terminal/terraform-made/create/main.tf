terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# No call is made: nothing is read, and a plan of what is new asks AWS for nothing.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}

variable "token" {
  type      = string
  sensitive = true
  default   = "canary-token"
}

variable "secret_domain" {
  type      = string
  sensitive = true
  default   = "canary.example.com"
}

variable "origins" {
  type = map(object({ domain = string, port = number }))
  default = {
    one = { domain = "one.example.com", port = 443 }
    two = { domain = "two.example.com", port = 8443 }
  }
}

resource "aws_cloudfront_cache_policy" "host" {
  name        = "host"
  default_ttl = 60
  max_ttl     = 60
  min_ttl     = 0
  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "whitelist"
      headers {
        items = ["Host"]
      }
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_cache_policy" "plain" {
  name = "plain"
  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

resource "aws_cloudfront_origin_request_policy" "viewer" {
  name = "viewer"
  cookies_config {
    cookie_behavior = "none"
  }
  headers_config {
    header_behavior = "allViewer"
  }
  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_s3_bucket" "files" {
  bucket_prefix = "files-"
}

resource "aws_apigatewayv2_api" "http" {
  name          = "http"
  protocol_type = "HTTP"
}

resource "aws_lb" "web" {
  name               = "web"
  load_balancer_type = "network"
  subnets            = ["subnet-1"]
}

resource "aws_cloudfront_vpc_origin" "inside" {
  vpc_origin_endpoint_config {
    name                   = "inside"
    arn                    = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/inside/1"
    http_port              = 80
    https_port             = 8443
    origin_protocol_policy = "https-only"
    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

# Policies that are made beside it, one that sends Host and one that does not.
resource "aws_cloudfront_distribution" "policies" {
  enabled = true
  aliases = ["www.example.com"]
  origin {
    origin_id   = "app"
    domain_name = "app.example.com"
    custom_header {
      name  = "x-token"
      value = "canary-header"
    }
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "app"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = aws_cloudfront_cache_policy.host.id
  }
  ordered_cache_behavior {
    path_pattern             = "/plain/*"
    target_origin_id         = "app"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = aws_cloudfront_cache_policy.plain.id
    origin_request_policy_id = aws_cloudfront_origin_request_policy.viewer.id
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    acm_certificate_arn = "arn:aws:acm:us-east-1:111111111111:certificate/1"
    ssl_support_method  = "sni-only"
  }
}

# The older way to say what is sent: with no headers set, with Host, and with a dynamic block.
resource "aws_cloudfront_distribution" "forwarded" {
  enabled = true
  aliases = ["old.example.com"]
  dynamic "origin" {
    for_each = var.origins
    content {
      origin_id   = origin.key
      domain_name = origin.value.domain
      custom_origin_config {
        http_port              = 80
        https_port             = origin.value.port
        origin_protocol_policy = "match-viewer"
        origin_ssl_protocols   = ["TLSv1.1", "TLSv1.2"]
      }
    }
  }
  default_cache_behavior {
    target_origin_id       = "one"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = false
      cookies {
        forward = "none"
      }
    }
  }
  ordered_cache_behavior {
    path_pattern           = "/two/*"
    target_origin_id       = "two"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    forwarded_values {
      query_string = true
      headers      = ["Host"]
      cookies {
        forward = "all"
      }
    }
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# Names that other resources get only when they are made; a group; a VPC origin; buckets.
resource "aws_cloudfront_distribution" "waiting" {
  enabled = true
  origin {
    origin_id   = "bucket"
    domain_name = aws_s3_bucket.files.bucket_regional_domain_name
  }
  origin {
    origin_id   = "api"
    domain_name = replace(aws_apigatewayv2_api.http.api_endpoint, "https://", "")
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  origin {
    origin_id   = "load-balancer"
    domain_name = aws_lb.web.dns_name
    origin_path = "/app"
    custom_origin_config {
      http_port              = 80
      https_port             = 8443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  origin {
    origin_id   = "inside"
    domain_name = "internal.example.com"
    vpc_origin_config {
      vpc_origin_id = aws_cloudfront_vpc_origin.inside.id
    }
  }
  origin {
    origin_id   = "fixed"
    domain_name = "files.s3.eu-west-1.amazonaws.com"
    s3_origin_config {
      origin_access_identity = ""
    }
  }
  origin_group {
    origin_id = "group"
    failover_criteria {
      status_codes = [502, 503, 504]
    }
    member {
      origin_id = "api"
    }
    member {
      origin_id = "load-balancer"
    }
  }
  default_cache_behavior {
    target_origin_id       = "group"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  ordered_cache_behavior {
    path_pattern           = "/files/*"
    target_origin_id       = "bucket"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  ordered_cache_behavior {
    path_pattern           = "/inside/*"
    target_origin_id       = "inside"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  ordered_cache_behavior {
    path_pattern           = "/fixed/*"
    target_origin_id       = "fixed"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# A header from a sensitive variable: Terraform marks all origins.
resource "aws_cloudfront_distribution" "sensitive" {
  enabled = true
  origin {
    origin_id   = "app"
    domain_name = "secret-header.example.com"
    custom_header {
      name  = "x-token"
      value = var.token
    }
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# The name itself is sensitive.
resource "aws_cloudfront_distribution" "hidden" {
  enabled = true
  origin {
    origin_id   = "app"
    domain_name = var.secret_domain
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# Blocks that are set, not set, and made by a loop whose number is known or not.
resource "terraform_data" "later" { input = ["x"] }
resource "aws_cloudfront_distribution" "blocks" {
  enabled = true
  origin {
    origin_id   = "app"
    domain_name = "blocks.example.com"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    dynamic "grpc_config" {
      for_each = ["x"]
      content { enabled = true }
    }
  }
  ordered_cache_behavior {
    path_pattern           = "/a"
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    dynamic "grpc_config" {
      for_each = toset(terraform_data.later.output)
      content { enabled = true }
    }
    dynamic "function_association" {
      for_each = toset(terraform_data.later.output)
      content {
        event_type   = "viewer-request"
        function_arn = "arn:aws:cloudfront::111111111111:function/x"
      }
    }
  }
  ordered_cache_behavior {
    path_pattern           = "/b"
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    grpc_config { enabled = true }
  }
  ordered_cache_behavior {
    path_pattern           = "/c"
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    grpc_config { enabled = length(terraform_data.later.output) > 0 }
  }
  ordered_cache_behavior {
    path_pattern           = "/d"
    target_origin_id       = "app"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    grpc_config {}
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
resource "aws_cloudfront_distribution" "dynamic" {
  enabled = true
  dynamic "origin" {
    for_each = toset(terraform_data.later.output)
    content {
      origin_id   = "app"
      domain_name = "${origin.key}.example.com"
    }
  }
  origin {
    origin_id   = "fix"
    domain_name = "fix.example.com"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "fix"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    dynamic "forwarded_values" {
      for_each = [1]
      content {
        query_string = true
        cookies { forward = "none" }
      }
    }
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

# Sites from a module, each with a policy of another module.
module "policies" {
  source = "./modules/policies"
}

module "site" {
  for_each  = { blue = "blue.example.com", green = "green.example.com" }
  source    = "./modules/site"
  domain    = each.value
  names     = ["${each.key}.example.org"]
  policy_id = module.policies.host_id
}

module "counted" {
  count     = 2
  source    = "./modules/site"
  domain    = "count${count.index}.example.com"
  names     = []
  policy_id = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
}
