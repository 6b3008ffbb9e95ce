/** The signature that the SDK's clients expect of their default provider. */
type Provider = () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>;

/**
 * The credentials of a Lambda function: those of its role, which Lambda puts into the environment
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime).
 *
 * The bundles have this in place of the SDK's chain of providers: profiles, SSO, web identity, container and instance
 * metadata are an eighth of the code that a cold start reads, and none of them is there in Lambda. The terminal command
 * keeps the chain.
 */
export function defaultProvider(): Provider {
  return () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
      const missing = new Error("Could not load credentials: the environment has none");
      missing.name = "CredentialsProviderError";
      return Promise.reject(missing);
    }
    return Promise.resolve({
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    });
  };
}
