const developerGuide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide";

/** The AWS pages that verdicts rest on. */
export const sources = {
  badGateway: `${developerGuide}/http-502-bad-gateway.html`,
  grpc: `${developerGuide}/distribution-using-grpc.html`,
  gatewayTimeout: `${developerGuide}/http-504-gateway-timeout.html`,
  certificateRequirements: `${developerGuide}/cnames-and-https-requirements.html`,
  ciphersAndProtocols: `${developerGuide}/secure-connections-supported-ciphers-cloudfront-to-origin.html`,
  customOriginBehavior: `${developerGuide}/RequestAndResponseBehaviorCustomOrigin.html`,
  httpsToCustomOrigin: `${developerGuide}/using-https-cloudfront-to-custom-origin.html`,
  errorPages: `${developerGuide}/creating-custom-error-pages.html`,
  ipv6: `${developerGuide}/cloudfront-enable-ipv6.html`,
  originLocations: `${developerGuide}/LocationsOfEdgeServers.html`,
  originMtls: `${developerGuide}/origin-mtls-authentication.html`,
  originSettings: `${developerGuide}/DownloadDistValuesOrigin.html`,
  originRequestPolicies: `${developerGuide}/understanding-how-origin-request-policies-and-cache-policies-work-together.html`,
  serverNameRule: `${developerGuide}/helper-functions-origin-modification.html`,
  tenantParameters: `${developerGuide}/tenant-customization.html`,
  vpcOrigins: `${developerGuide}/private-content-vpc-origins.html`,
  continuousDeployment: `${developerGuide}/understanding-continuous-deployment.html`,
} as const;
