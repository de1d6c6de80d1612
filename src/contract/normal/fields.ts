/** The fields each object of OpenAPI 2.0 to 3.2 may have: all versions together, since newer ones only add. */
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const PARAMETER =
  'name in description required deprecated allowEmptyValue style explode allowReserved schema example examples content $ref summary';
const SWAGGER_ITEMS =
  'type format items collectionFormat default maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern ' +
  'maxItems minItems uniqueItems enum multipleOf';

export const FIELDS = {
  'the document': words(
    'openapi $self info jsonSchemaDialect servers paths webhooks components security tags externalDocs ' +
      'swagger host basePath schemes consumes produces definitions parameters responses securityDefinitions',
  ),
  components: words(
    'schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems mediaTypes',
  ),
  'a path item': words(
    '$ref summary description get put post delete options head patch trace query additionalOperations servers parameters',
  ),
  'an operation': words(
    'tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated security ' +
      'servers consumes produces schemes',
  ),
  'a parameter': words(PARAMETER),
  'a header': words(`${PARAMETER} ${SWAGGER_ITEMS}`),
  'a parameter of Swagger 2.0': words(`name in description required allowEmptyValue schema $ref ${SWAGGER_ITEMS}`),
  'a request body': words('description content required $ref summary'),
  'a media type': words(
    'schema itemSchema example examples encoding prefixEncoding itemEncoding $ref summary description',
  ),
  'an encoding': words('contentType headers style explode allowReserved encoding prefixEncoding itemEncoding'),
  'a response': words('description headers content links schema examples $ref summary'),
  'a security scheme': words(
    'type description name in scheme bearerFormat flows openIdConnectUrl oauth2MetadataUrl deprecated ' +
      'flow authorizationUrl tokenUrl scopes $ref summary',
  ),
} as const satisfies Record<string, ReadonlySet<string>>;

export type ObjectKind = keyof typeof FIELDS;
