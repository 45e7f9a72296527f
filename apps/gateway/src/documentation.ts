import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves the OpenAPI document at `/openapi.json` and a page to read and try it at `/docs`. */
export function serveDocumentation(nest: NestFastifyApplication, publicUrl: string): void {
  const config = new DocumentBuilder()
    .setTitle('Alra')
    .setDescription('The WhatsApp side of a CRM. Every write takes an Idempotency-Key; every error is problem+json (RFC 9457).')
    .setVersion('1')
    .addServer(publicUrl)
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(nest, config);
  SwaggerModule.setup('docs', nest, document, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Alra API' });
}
