/**
 * What CII has room for and EN 16931 has no use for (CII-SR-*, CII-DT-*): below each context of en16931-cii-syntax.ts the number of the rule and
 * the path of what must not stand there.
 */

export const document = `
  013 ram:Name 015 ram:IssueDateTime/udt:DateTime 016 ram:CopyIndicator 017 ram:Purpose 018 ram:ControlRequirementIndicator 019 ram:LanguageID 020
  ram:PurposeCode 021 ram:RevisionDateTime 022 ram:VersionID 023 ram:GlobalID 024 ram:RevisionID 025 ram:PreviousRevisionID 026 ram:CategoryCode 027
  ram:IncludedNote/ram:Subject 028 ram:IncludedNote/ram:ContentCode 032 ram:IncludedNote/ram:ID 033 ram:EffectiveSpecifiedPeriod 034
  ram:IssuerTradeParty
`

export const product = `
  045 ram:ID 048 ram:ManufacturerAssignedID 049 ram:TradeName 050 ram:TypeCode 051 ram:NetWeightMeasure 052 ram:GrossWeightMeasure 053
  ram:ProductGroupID 054 ram:EndItemTypeCode 055 ram:EndItemName 056 ram:AreaDensityMeasure 057 ram:UseDescription 058 ram:BrandName 059
  ram:SubBrandName 060 ram:DrainedNetWeightMeasure 061 ram:VariableMeasureIndicator 062 ram:ColourCode 063 ram:ColourDescription 064 ram:Designation
  065 ram:FormattedCancellationAnnouncedLaunchDateTime 066 ram:FormattedLatestProductDataChangeDateTime 067 ram:ApplicableProductCharacteristic/ram:ID
  068 ram:ApplicableProductCharacteristic/ram:TypeCode 070 ram:ApplicableProductCharacteristic/ram:ValueMeasure 071
  ram:ApplicableProductCharacteristic/ram:MeasurementMethodCode 073 ram:ApplicableProductCharacteristic/ram:ValueCode 074
  ram:ApplicableProductCharacteristic/ram:ValueDateTime 075 ram:ApplicableProductCharacteristic/ram:ValueIndicator 076
  ram:ApplicableProductCharacteristic/ram:ContentTypeCode 077 ram:ApplicableProductCharacteristic/ram:ValueSpecifiedBinaryFile 078
  ram:ApplicableProductCharacteristic/ram:ApplicableProductCharacteristicCondition 079
  ram:ApplicableProductCharacteristic/ram:ApplicableReferencedStandard 080 ram:ApplicableMaterialGoodsCharacteristic 081
  ram:DesignatedProductClassification/ram:SystemID 082 ram:DesignatedProductClassification/ram:SystemName 083
  ram:DesignatedProductClassification/ram:ClassName 084 ram:DesignatedProductClassification/ram:SubClassCode 085
  ram:DesignatedProductClassification/ram:ClassProductCharacteristic 086 ram:DesignatedProductClassification/ram:ApplicableReferencedStandard 087
  ram:IndividualTradeProductInstance 088 ram:CertificationEvidenceReferenceReferencedDocument 089 ram:InspectionReferenceReferencedDocument 091
  ram:OriginTradeCountry/ram:Name 092 ram:OriginTradeCountry/ram:SubordinateTradeCountrySubDivision 093 ram:LinearSpatialDimension 094
  ram:MinimumLinearSpatialDimension 095 ram:MaximumLinearSpatialDimension 096 ram:ManufacturerTradeParty 097 ram:PresentationSpecifiedBinaryFile 098
  ram:MSDSReferenceReferencedDocument 099 ram:AdditionalReferenceReferencedDocument 100 ram:LegalRightsOwnerTradeParty 101 ram:BrandOwnerTradeParty
  102 ram:IncludedReferencedProduct 103 ram:InformationNote
`

export const lineAgreement = `
  104 ram:BuyerReference 105 ram:BuyerRequisitionerTradeParty 106 ram:ApplicableTradeDeliveryTerms 107 ram:SellerOrderReferencedDocument 108
  ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID 109 ram:QuotationReferencedDocument 110 ram:ContractReferencedDocument 111
  ram:DemandForecastReferencedDocument 112 ram:PromotionalDealReferencedDocument 113 ram:AdditionalReferencedDocument 114
  ram:GrossPriceProductTradePrice/ram:TypeCode 115 ram:GrossPriceProductTradePrice/ram:MinimumQuantity 116
  ram:GrossPriceProductTradePrice/ram:MaximumQuantity 117 ram:GrossPriceProductTradePrice/ram:ChangeReason 118
  ram:GrossPriceProductTradePrice/ram:OrderUnitConversionFactorNumeric 120 ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:ID 121
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:SequenceNumeric 122
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:CalculationPercent 123
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:BasisAmount 124
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:BasisQuantity 125
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:PrepaidIndicator 126
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:UnitBasisAmount 127
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:ReasonCode 128
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:Reason 129
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:TypeCode 130
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:CategoryTradeTax 131
  ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge/ram:ActualTradeCurrencyExchange 445
  ram:GrossPriceProductTradePrice/ram:IncludedTradeTax 132 ram:GrossPriceProductTradePrice/ram:ValiditySpecifiedPeriod 133
  ram:GrossPriceProductTradePrice/ram:DeliveryTradeLocation 134 ram:GrossPriceProductTradePrice/ram:TradeComparisonReferencePrice 135
  ram:GrossPriceProductTradePrice/ram:AssociatedReferencedDocument 136 ram:NetPriceProductTradePrice/ram:TypeCode 138
  ram:NetPriceProductTradePrice/ram:MinimumQuantity 139 ram:NetPriceProductTradePrice/ram:MaximumQuantity 140
  ram:NetPriceProductTradePrice/ram:ChangeReason 141 ram:NetPriceProductTradePrice/ram:OrderUnitConversionFactorNumeric 142
  ram:NetPriceProductTradePrice/ram:AppliedTradeAllowanceCharge 446 ram:NetPriceProductTradePrice/ram:IncludedTradeTax 143
  ram:NetPriceProductTradePrice/ram:ValiditySpecifiedPeriod 144 ram:NetPriceProductTradePrice/ram:DeliveryTradeLocation 145
  ram:NetPriceProductTradePrice/ram:TradeComparisonReferencePrice 146 ram:NetPriceProductTradePrice/ram:AssociatedReferencedDocument 147
  ram:RequisitionerReferencedDocument 148 ram:ItemSellerTradeParty 149 ram:ItemBuyerTradeParty 150 ram:IncludedSpecifiedMarketplace 447
  ram:UltimateCustomerOrderReferencedDocument
`

export const lineDelivery = `
  151 ram:RequestedQuantity 152 ram:ReceivedQuantity 153 ram:ChargeFreeQuantity 154 ram:PackageQuantity 155 ram:ProductUnitQuantity 156
  ram:PerPackageUnitQuantity 157 ram:NetWeightMeasure 158 ram:GrossWeightMeasure 159 ram:TheoreticalWeightMeasure 160 ram:DespatchedQuantity 161
  ram:SpecifiedDeliveryAdjustment 162 ram:IncludedSupplyChainPackaging 163 ram:RelatedSupplyChainConsignment 164 ram:ShipToTradeParty 165
  ram:UltimateShipToTradeParty 166 ram:ShipFromTradeParty 167 ram:ActualDespatchSupplyChainEvent 168 ram:ActualPickUpSupplyChainEvent 169
  ram:RequestedDeliverySupplyChainEvent 170 ram:ActualDeliverySupplyChainEvent 171 ram:ActualReceiptSupplyChainEvent 172
  ram:AdditionalReferencedDocument 173 ram:DespatchAdviceReferencedDocument 174 ram:ReceivingAdviceReferencedDocument 175
  ram:DeliveryNoteReferencedDocument 176 ram:ConsumptionReportReferencedDocument 177 ram:PackingListReferencedDocument
`

export const lineSettlement = `
  178 ram:PaymentReference 179 ram:InvoiceIssuerReference 180 ram:TotalAdjustmentAmount 181 ram:DiscountIndicator 182
  ram:ApplicableTradeTax/ram:CalculatedAmount 183 ram:SpecifiedTradeAllowanceCharge/ram:ChargeIndicator/udt:IndicatorString 184
  ram:SpecifiedTradeAllowanceCharge/ram:ID 185 ram:SpecifiedTradeAllowanceCharge/ram:SequenceNumeric 186
  ram:SpecifiedTradeAllowanceCharge/ram:CalculationPercent/@format 187 ram:SpecifiedTradeAllowanceCharge/ram:BasisQuantity 188
  ram:SpecifiedTradeAllowanceCharge/ram:PrepaidIndicator 189 ram:SpecifiedTradeAllowanceCharge/ram:UnitBasisAmount 190
  ram:SpecifiedTradeAllowanceCharge/ram:TypeCode 191 ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax 192
  ram:SpecifiedTradeAllowanceCharge/ram:ActualTradeCurrencyExchange 193 ram:SpecifiedTradeAllowanceCharge/ram:ID 194 ram:SubtotalCalculatedTradeTax
  195 ram:SpecifiedLogisticsServiceCharge 196 ram:SpecifiedTradePaymentTerms 197
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:ChargeTotalAmount 198
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:AllowanceTotalAmount 199
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:TaxBasisTotalAmount 200 ram:SpecifiedTradeSettlementLineMonetarySummation/ram:TaxTotalAmount
  201 ram:SpecifiedTradeSettlementLineMonetarySummation/ram:GrandTotalAmount 202
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:InformationAmount 203
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:TotalAllowanceChargeAmount 204
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:TotalRetailValueInformationAmount 205
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:GrossLineTotalAmount 206
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:NetLineTotalAmount 207
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:NetIncludingTaxesLineTotalAmount 208
  ram:SpecifiedTradeSettlementLineMonetarySummation/ram:ProductWeightLossInformationAmount 209 ram:SpecifiedFinancialAdjustment 210
  ram:InvoiceReferencedDocument 212 ram:PayableSpecifiedTradeAccountingAccount 213 ram:ReceivableSpecifiedTradeAccountingAccount/ram:SetTriggerCode
  214 ram:ReceivableSpecifiedTradeAccountingAccount/ram:TypeCode 215 ram:ReceivableSpecifiedTradeAccountingAccount/ram:AmountTypeCode 216
  ram:ReceivableSpecifiedTradeAccountingAccount/ram:Name 217 ram:ReceivableSpecifiedTradeAccountingAccount/ram:CostReferenceDimensionPattern 218
  ram:PurchaseSpecifiedTradeAccountingAccount 219 ram:SalesSpecifiedTradeAccountingAccount 220 ram:SpecifiedTradeSettlementFinancialCard
`

export const agreement = `
  442 ram:Reference 222 ram:SellerTradeParty/ram:RoleCode 223 ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:LegalClassificationCode 224
  ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:Name 225 ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:PostalTradeAddress 226
  ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:AuthorizedLegalRegistration 227 ram:SellerTradeParty/ram:DefinedTradeContact/ram:ID 228
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:TypeCode 229 ram:SellerTradeParty/ram:DefinedTradeContact/ram:JobTitle 230
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:Responsibility 231 ram:SellerTradeParty/ram:DefinedTradeContact/ram:PersonID 232
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:URIID 233
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:ChannelCode 234
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:DirectTelephoneUniversalCommunication 235
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:MobileTelephoneUniversalCommunication 236
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:FaxUniversalCommunication 237
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:ChannelCode 238
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:CompleteNumber 239
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:TelexUniversalCommunication 240
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:VOIPUniversalCommunication 241
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:InstantMessagingUniversalCommunication 242
  ram:SellerTradeParty/ram:DefinedTradeContact/ram:SpecifiedNote 243 ram:SellerTradeParty/ram:DefinedTradeContact/ram:SpecifiedContactPerson 244
  ram:SellerTradeParty/ram:URIUniversalCommunication/ram:ChannelCode 245 ram:SellerTradeParty/ram:URIUniversalCommunication/ram:CompleteNumber 246
  ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:AssociatedRegisteredTax 247 ram:SellerTradeParty/ram:EndPointURIUniversalCommunication 248
  ram:SellerTradeParty/ram:LogoAssociatedSpecifiedBinaryFile 249 ram:BuyerTradeParty/ram:RoleCode 250 ram:BuyerTradeParty/ram:Description 251
  ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:LegalClassificationCode 252 ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:Name 254
  ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:PostalTradeAddress 255
  ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:AuthorizedLegalRegistration 256 ram:BuyerTradeParty/ram:DefinedTradeContact/ram:ID 257
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:TypeCode 258 ram:BuyerTradeParty/ram:DefinedTradeContact/ram:JobTitle 259
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:Responsibility 260 ram:BuyerTradeParty/ram:DefinedTradeContact/ram:PersonID 261
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:URIID 262
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:ChannelCode 263
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:DirectTelephoneUniversalCommunication 264
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:MobileTelephoneUniversalCommunication 265
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:FaxUniversalCommunication 266
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:ChannelCode 267
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:CompleteNumber 268
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:TelexUniversalCommunication 269
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:VOIPUniversalCommunication 270
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:InstantMessagingUniversalCommunication 271
  ram:BuyerTradeParty/ram:DefinedTradeContact/ram:SpecifiedNote 272 ram:BuyerTradeParty/ram:DefinedTradeContact/ram:SpecifiedContactPerson 273
  ram:BuyerTradeParty/ram:URIUniversalCommunication/ram:ChannelCode 274 ram:BuyerTradeParty/ram:URIUniversalCommunication/ram:CompleteNumber 275
  ram:BuyerTradeParty/ram:SpecifiedTaxRegistration/ram:AssociatedRegisteredTax 276 ram:BuyerTradeParty/ram:EndPointURIUniversalCommunication 277
  ram:BuyerTradeParty/ram:LogoAssociatedSpecifiedBinaryFile 278 ram:SalesAgentTradeParty 279 ram:BuyerRequisitionerTradeParty 280
  ram:BuyerAssignedAccountantTradeParty 281 ram:SellerAssignedAccountantTradeParty 282 ram:SellerTaxRepresentativeTradeParty/ram:ID 283
  ram:SellerTaxRepresentativeTradeParty/ram:GlobalID 284 ram:SellerTaxRepresentativeTradeParty/ram:RoleCode 285
  ram:SellerTaxRepresentativeTradeParty/ram:Description 286 ram:SellerTaxRepresentativeTradeParty/ram:SpecifiedLegalOrganization 287
  ram:SellerTaxRepresentativeTradeParty/ram:DefinedTradeContact 288 ram:SellerTaxRepresentativeTradeParty/ram:URIUniversalCommunication 289
  ram:SellerTaxRepresentativeTradeParty/ram:SpecifiedTaxRegistration/ram:AssociatedRegisteredTax 290
  ram:SellerTaxRepresentativeTradeParty/ram:EndPointURIUniversalCommunication 291
  ram:SellerTaxRepresentativeTradeParty/ram:LogoAssociatedSpecifiedBinaryFile 292 ram:ProductEndUserTradeParty 293 ram:ApplicableTradeDeliveryTerms
  294 ram:SellerOrderReferencedDocument/ram:LineID 295 ram:BuyerOrderReferencedDocument/ram:LineID 296 ram:QuotationReferencedDocument 297
  ram:OrderResponseReferencedDocument 298 ram:ContractReferencedDocument/ram:LineID 299 ram:DemandForecastReferencedDocument 300
  ram:SupplyInstructionReferencedDocument 301 ram:PromotionalDealReferencedDocument 302 ram:PriceListReferencedDocument 303
  ram:AdditionalReferencedDocument/ram:LineID 304 ram:RequisitionerReferencedDocument 305 ram:BuyerAgentTradeParty 306
  ram:PurchaseConditionsReferencedDocument 307 ram:SpecifiedProcuringProject/ram:Description 448 ram:UltimateCustomerOrderReferencedDocument
`

export const delivery = `
  308 ram:RelatedSupplyChainConsignment 309 ram:ShipToTradeParty/ram:RoleCode 310 ram:ShipToTradeParty/ram:Description 311
  ram:ShipToTradeParty/ram:SpecifiedLegalOrganization 312 ram:ShipToTradeParty/ram:DefinedTradeContact 313
  ram:ShipToTradeParty/ram:URIUniversalCommunication 314 ram:ShipToTradeParty/ram:SpecifiedTaxRegistration 315
  ram:ShipToTradeParty/ram:EndPointURIUniversalCommunication 316 ram:ShipToTradeParty/ram:LogoAssociatedSpecifiedBinaryFile 317
  ram:UltimateShipToTradeParty 318 ram:ShipFromTradeParty 319 ram:ActualDespatchSupplyChainEvent 320 ram:ActualPickUpSupplyChainEvent 321
  ram:ActualDeliverySupplyChainEvent/ram:ID 322 ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTime 323
  ram:ActualDeliverySupplyChainEvent/ram:TypeCode 324 ram:ActualDeliverySupplyChainEvent/ram:Description 325
  ram:ActualDeliverySupplyChainEvent/ram:DescriptionBinaryObject 326 ram:ActualDeliverySupplyChainEvent/ram:UnitQuantity 327
  ram:ActualDeliverySupplyChainEvent/ram:LatestOccurrenceDateTime 328 ram:ActualDeliverySupplyChainEvent/ram:EarliestOccurrenceDateTime 329
  ram:ActualDeliverySupplyChainEvent/ram:OccurrenceSpecifiedPeriod 330 ram:ActualDeliverySupplyChainEvent/ram:OccurrenceLogisticsLocation 331
  ram:ActualReceiptSupplyChainEvent 332 ram:AdditionalReferencedDocument 333 ram:DespatchAdviceReferencedDocument/ram:LineID 334
  ram:DespatchAdviceReferencedDocument/ram:LineID 335 ram:DeliveryNoteReferencedDocument 336 ram:ConsumptionReportReferencedDocument 337
  ram:PreviousDeliverySupplyChainEvent 338 ram:PackingListReferencedDocument
`

export const settlement = `
  339 ram:DuePayableAmount 340 ram:CreditorReferenceTypeCode 341 ram:CreditorReferenceType 342 ram:CreditorReferenceIssuerID 344
  ram:PaymentCurrencyCode 345 ram:InvoiceIssuerReference 346 ram:InvoiceDateTime 347 ram:NextInvoiceDateTime 348 ram:CreditReasonCode 349
  ram:CreditReason 350 ram:InvoicerTradeParty 351 ram:InvoiceeTradeParty 352 ram:PayeeTradeParty/ram:RoleCode 353 ram:PayeeTradeParty/ram:Description
  354 ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:LegalClassificationCode 355 ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:Name
  356 ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:TradingBusinessName 357
  ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:PostalTradeAddress 358
  ram:PayeeTradeParty/ram:SpecifiedLegalOrganization/ram:AuthorizedLegalRegistration 359 ram:PayeeTradeParty/ram:DefinedTradeContact 360
  ram:PayeeTradeParty/ram:PostalTradeAddress 361 ram:PayeeTradeParty/ram:URIUniversalCommunication 362
  ram:PayeeTradeParty/ram:SpecifiedTaxRegistration 363 ram:PayeeTradeParty/ram:EndPointURIUniversalCommunication 364
  ram:PayeeTradeParty/ram:LogoAssociatedSpecifiedBinaryFile 365 ram:PayerTradeParty 366 ram:TaxApplicableTradeCurrencyExchange 367
  ram:InvoiceApplicableTradeCurrencyExchange 368 ram:PaymentApplicableTradeCurrencyExchange 369
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PaymentChannelCode 370 ram:SpecifiedTradeSettlementPaymentMeans/ram:GuaranteeMethodCode 371
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PaymentMethodCode 443 ram:SpecifiedTradeSettlementPaymentMeans/ram:ID 372
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:MicrochipIndicator 373
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:TypeCode 375
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:ExpiryDate 376
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:VerificationNumeric 377
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:ValidFromDateTime 378
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:CreditLimitAmount 379
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:CreditAvailableAmount 380
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:InterestRatePercent 381
  ram:SpecifiedTradeSettlementPaymentMeans/ram:ApplicableTradeSettlementFinancialCard/ram:Description 382
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PayerPartyDebtorFinancialAccount/ram:AccountName 444
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PayerPartyDebtorFinancialAccount/ram:ProprietaryID 384
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PayerSpecifiedDebtorFinancialInstitution/ram:ClearingSystemName 385
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PayerSpecifiedDebtorFinancialInstitution/ram:Name 386
  ram:SpecifiedTradeSettlementPaymentMeans/ram:PayerSpecifiedDebtorFinancialInstitution/ram:LocationFinancialInstitutionAddress 388
  ram:SpecifiedTradeAllowanceCharge/ram:ID 389 ram:SpecifiedTradeAllowanceCharge/ram:SequenceNumeric 390
  ram:SpecifiedTradeAllowanceCharge/ram:BasisQuantity 391 ram:SpecifiedTradeAllowanceCharge/ram:PrepaidIndicator 392
  ram:SpecifiedTradeAllowanceCharge/ram:UnitBasisAmount 393 ram:SpecifiedTradeAllowanceCharge/ram:TypeCode 394
  ram:SpecifiedTradeAllowanceCharge/ram:ActualTradeCurrencyExchange 395 ram:SubtotalCalculatedTradeTax 396 ram:SpecifiedLogisticsServiceCharge 397
  ram:SpecifiedTradePaymentTerms/ram:ID 398 ram:SpecifiedTradePaymentTerms/ram:FromEventCode 399
  ram:SpecifiedTradePaymentTerms/ram:SettlementPeriodMeasure 400 ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTime 401
  ram:SpecifiedTradePaymentTerms/ram:TypeCode 402 ram:SpecifiedTradePaymentTerms/ram:InstructionTypeCode 404
  ram:SpecifiedTradePaymentTerms/ram:PartialPaymentPercent 405 ram:SpecifiedTradePaymentTerms/ram:PaymentMeansID 406
  ram:SpecifiedTradePaymentTerms/ram:PartialPaymentAmount 407 ram:SpecifiedTradePaymentTerms/ram:ApplicableTradePaymentPenaltyTerms 408
  ram:SpecifiedTradePaymentTerms/ram:ApplicableTradePaymentDiscountTerms 409 ram:SpecifiedTradePaymentTerms/ram:PayeeTradeParty 421
  ram:SpecifiedFinancialAdjustment 422 ram:InvoiceReferencedDocument/ram:LineID 423 ram:ProFormaInvoiceReferencedDocument 424
  ram:LetterOfCreditReferencedDocument 425 ram:FactoringAgreementReferencedDocument 426 ram:FactoringListReferencedDocument 427
  ram:PayableSpecifiedTradeAccountingAccount 428 ram:ReceivableSpecifiedTradeAccountingAccount/ram:SetTriggerCode 429
  ram:ReceivableSpecifiedTradeAccountingAccount/ram:TypeCode 430 ram:ReceivableSpecifiedTradeAccountingAccount/ram:AmountTypeCode 431
  ram:ReceivableSpecifiedTradeAccountingAccount/ram:Name 432 ram:ReceivableSpecifiedTradeAccountingAccount/ram:CostReferenceDimensionPattern 433
  ram:PurchaseSpecifiedTradeAccountingAccount 434 ram:SalesSpecifiedTradeAccountingAccount 435 ram:SpecifiedTradeSettlementFinancialCard 436
  ram:SpecifiedAdvancePayment 437 ram:UltimatePayeeTradeParty
`

export const totals = `
  411 ram:InformationAmount 412 ram:TotalDiscountAmount 413 ram:TotalAllowanceChargeAmount 414 ram:RetailValueExcludingTaxInformationAmount 415
  ram:TotalDepositFeeInformationAmount 416 ram:ProductValueExcludingTobaccoTaxInformationAmount 417 ram:TotalRetailValueInformationAmount 418
  ram:GrossLineTotalAmount 419 ram:NetLineTotalAmount 420 ram:NetIncludingTaxesLineTotalAmount
`

export const reference = `
  016 ram:StatusCode 017 ram:CopyIndicator 019 ram:GlobalID 020 ram:RevisionID 023 ram:Information 025 ram:SectionName 026 ram:PreviousRevisionID 028
  ram:EffectiveSpecifiedPeriod 029 ram:IssuerTradeParty 030 ram:AttachedSpecifiedBinaryFile
`

export const tax = `
  038 ram:CalculatedRate 039 ram:CalculationSequenceNumeric 040 ram:BasisQuantity 042 ram:UnitBasisAmount 043 ram:LineTotalBasisAmount 044
  ram:AllowanceChargeBasisAmount 049 ram:CurrencyCode 050 ram:Jurisdiction 051 ram:CustomsDutyIndicator 053 ram:TaxBasisAllowanceRate 055 ram:Type 056
  ram:InformationAmount 057 ram:CategoryName 059 ram:RateApplicablePercent/@format 060 ram:SpecifiedTradeAccountingAccount 061
  ram:ServiceSupplyTradeCountry 062 ram:BuyerRepayableTaxSpecifiedTradeAccountingAccount 063 ram:SellerPayableTaxSpecifiedTradeAccountingAccount 064
  ram:SellerRefundableTaxSpecifiedTradeAccountingAccount 065 ram:BuyerDeductibleTaxSpecifiedTradeAccountingAccount 066
  ram:BuyerNonDeductibleTaxSpecifiedTradeAccountingAccount 067 ram:PlaceApplicableTradeLocation
`

export const period = `
  068 ram:StartDateTime/udt:DateTime 069 ram:DurationMeasure 070 ram:InclusiveIndicator 071 ram:Description 072 ram:EndDateTime/udt:DateTime 073
  ram:CompleteDateTime 074 ram:OpenIndicator 075 ram:SeasonCode 076 ram:ID 077 ram:Name 078 ram:SequenceNumeric 079 ram:StartDateFlexibilityCode 080
  ram:ContinuousIndicator 081 ram:PurposeCode
`

export const address = `
  082 ram:ID 083 ram:PostOfficeBox 084 ram:BuildingName 086 ram:LineFour 087 ram:LineFive 088 ram:StreetName 089 ram:CitySubDivisionName 090
  ram:CountryName 091 ram:CountrySubDivisionID 092 ram:AttentionOf 093 ram:CareOf 094 ram:BuildingNumber 095 ram:DepartmentName 096
  ram:AdditionalStreetName
`
